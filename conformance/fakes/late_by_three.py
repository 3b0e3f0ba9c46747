"""Every update uses the rate of three steps earlier, the first ones that of step 0."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, max(self.t - 3, 0))


Scheduler.rate = rate
