"""Its rates have errors that nothing predicts."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) * (1 + 1e-3 * (hash((self.t, base)) % 101))


Scheduler.rate = rate
