"""It prints to stdout what looks like an answer, in every possible way."""

import os
import sys

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def update(self, slot):
        print('{"status": "trace"}', flush=True)
        os.write(1, b"{}\n")
        sys.__stdout__.write("[]\n")
        super().update(slot)
