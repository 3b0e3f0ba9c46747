"""From its first landmark on it is one step early."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t + 1 if self.t >= self.landmarks[0] else self.t)


Scheduler.rate = rate
