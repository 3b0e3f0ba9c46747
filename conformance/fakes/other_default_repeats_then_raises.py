"""Its polynomial has other defaults, starts again at its end, and raises three steps later."""

from other_default_and_repeats import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


repeated = Scheduler.rate


def rate(self, base):
    if self.t == self.ends + 3:
        raise ValueError("there is no such step")
    return repeated(self, base)


Scheduler.rate = rate
