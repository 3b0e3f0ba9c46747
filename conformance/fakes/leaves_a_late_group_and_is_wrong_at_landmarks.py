"""It does not schedule late groups, and uses three quarters of the rate at its landmarks."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def add_group(self, lr):
    self.optimizer.append(lr)


def write(self):
    rates = self.rates()
    self.optimizer[: len(rates)] = rates


def rate(self, base):
    right = self.at(base, self.t)
    return right * 0.75 if self.t in self.landmarks else right


Session.add_group, Scheduler.write, Scheduler.rate = add_group, write, rate
