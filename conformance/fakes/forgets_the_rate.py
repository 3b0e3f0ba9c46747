"""A resume restores the step alone; the rate comes with the next one."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def load(self, saved):
    self.t = saved


def restore(self, optimizer):
    pass


Scheduler.load, Session.restore = load, restore
