"""A resume restores only the step; its line continues one step past its end, then it raises."""

from runs_on_then_raises import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def load(self, saved):
    self.t = saved


Scheduler.load = load
