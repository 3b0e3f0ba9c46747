"""A nested composition is one step early at its milestones, and raises at the outer one."""

from nested_milestones_early import MODULES, SLOTS, VERSION, Session
from toy import Sequential


early = Sequential.member


def member(self, index, base, t, start):
    if isinstance(self.schedules[0], Sequential) and index == 1:
        raise AttributeError("there is no such member")
    return early(self, index, base, t, start)


Sequential.member = member
