"""At its landmarks, and nowhere else, it uses three quarters of the rate."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    right = self.at(base, self.t)
    return right * 0.75 if self.t in self.landmarks else right


Scheduler.rate = rate
