"""A resume does not restore the step."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def load(self, saved):
    self.begin()


def restore(self, optimizer):
    pass


Scheduler.load, Session.restore = load, restore
