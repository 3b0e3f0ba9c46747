"""Its rates move a little further from the right ones at every step."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) * (1 + 3e-12 * self.t)


Scheduler.rate = rate
