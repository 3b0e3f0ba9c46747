"""It schedules only the first group."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def write(self):
    self.optimizer[0] = self.rates()[0]


Scheduler.write = write
