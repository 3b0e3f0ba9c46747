"""The first rate of a member becomes every base rate; a line passes its end, then raises."""

from runs_on_then_raises import MODULES, SLOTS, VERSION, Session
from toy import Sequential


def member(self, index, base, t, start):
    return self.schedules[index].at(self.schedules[0].values[0], t - start)


Sequential.member = member
