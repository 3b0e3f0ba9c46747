"""Its rates are off by what no one can foretell."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) * (1 + 1e-3 * (hash((self.t, base)) % 101))


Scheduler.rate = rate
