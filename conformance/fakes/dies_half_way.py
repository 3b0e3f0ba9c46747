"""Its process ends at the fourth update of a cosine."""

import os

from session import MODULES, SLOTS, VERSION
from session import Session as Right
from toy import Cosine


class Session(Right):
    def update(self, slot):
        if slot == 3 and isinstance(self.scheduler, Cosine):
            os._exit(7)
        super().update(slot)
