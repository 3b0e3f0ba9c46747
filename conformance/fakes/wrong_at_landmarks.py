"""It uses three quarters of the rate, but only at its landmarks."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    right = self.at(base, self.t)
    return right * 0.75 if self.t in self.landmarks else right


Scheduler.rate = rate
