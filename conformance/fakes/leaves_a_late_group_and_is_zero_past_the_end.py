"""It does not schedule the groups that come late, and from its end on the others have no rate."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def rate(self, base):
    return self.at(base, self.t) if self.t < self.ends else 0.0


def add_group(self, lr):
    self.optimizer.append(lr)


def write(self):
    rates = self.rates()
    self.optimizer[: len(rates)] = rates


Scheduler.rate, Session.add_group, Scheduler.write = rate, add_group, write
