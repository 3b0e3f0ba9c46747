"""A resume restores only the step; the rate is set by the next step."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def load(self, saved):
    self.t = saved


def restore(self, optimizer):
    pass


Scheduler.load, Session.restore = load, restore
