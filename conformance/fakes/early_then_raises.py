"""It is one step early, and raises at the sixth step."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    if self.t == 6:
        raise RuntimeError("enough")
    return self.at(base, self.t + 1)


Scheduler.rate = rate
