"""A resume restores the step alone; the rate comes with the next one."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def load(self, saved):
    self.t = saved


def restore(self, optimizer):
    pass


Scheduler.load, Session.restore = load, restore
