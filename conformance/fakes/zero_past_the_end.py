"""The rate is zero from its end on."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) if self.t < self.ends else 0.0


Scheduler.rate = rate
