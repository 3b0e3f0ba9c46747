"""Each scheduler keeps its own rate, which becomes the optimizer's when it is used."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def use(self, j):
        super().use(j)
        self.optimizer[:] = self.scheduler.rates()
