"""Every update uses the rate of the previous step, the first one that of step 0."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, max(self.t - 1, 0))


Scheduler.rate = rate
