"""Its scheduler raises at the sixth step."""

from toy import MODULES, SLOTS, VERSION
from toy import Session as Right


class Session(Right):
    def step(self):
        super().step()
        if self.scheduler.t == 6:
            raise RuntimeError("enough\nand more")
