"""It does not schedule the groups that come late."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def add_group(self, lr):
    self.optimizer.append(lr)


def write(self):
    rates = self.rates()
    self.optimizer[: len(rates)] = rates


Session.add_group, Scheduler.write = add_group, write
