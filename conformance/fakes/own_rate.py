"""Each scheduler keeps a rate of its own, which is the optimizer's as soon as it is in use."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def use(self, j):
        super().use(j)
        self.optimizer[:] = self.scheduler.rates()
