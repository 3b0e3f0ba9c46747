"""It does not schedule groups that are added later."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def add_group(self, lr):
    self.optimizer.append(lr)


def write(self):
    rates = self.rates()
    self.optimizer[: len(rates)] = rates


Session.add_group, Scheduler.write = add_group, write
