"""Every update uses the rate of two steps later."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t + 2)


Scheduler.rate = rate
