"""A resume does not restore the step."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def load(self, saved):
    self.begin()


def restore(self, optimizer):
    pass


Scheduler.load, Session.restore = load, restore
