"""It never answers for a cosine."""

import time

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def __init__(self, mode, source, base_lr):
        if "Cosine" in source:
            time.sleep(3600)
        super().__init__(mode, source, base_lr)
