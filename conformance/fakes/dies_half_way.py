"""Its process ends at the fourth update of a cosine."""

import os

from toy import MODULES, SLOTS, VERSION, Cosine
from toy import Session as Right


class Session(Right):
    def update(self, slot):
        if slot == 3 and isinstance(self.scheduler, Cosine):
            os._exit(7)
        super().update(slot)
