"""Its first update uses the rate of step 1; every other is right."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def __init__(self, *given):
        super().__init__(*given)
        super().step(1)
        self.scheduler.t = 0
