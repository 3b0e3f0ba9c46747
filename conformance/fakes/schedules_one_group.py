"""It schedules the first group alone."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def write(self):
    self.optimizer[0] = self.rates()[0]


Scheduler.write = write
