"""The last digits of its rates are wrong."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) * (1 + 2.0**-48)


Scheduler.rate = rate
