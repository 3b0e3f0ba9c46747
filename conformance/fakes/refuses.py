"""It rejects a cosine."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def __init__(self, mode, source, base_lr):
        if "Cosine" in source:
            raise ValueError("no cosine here")
        super().__init__(mode, source, base_lr)
