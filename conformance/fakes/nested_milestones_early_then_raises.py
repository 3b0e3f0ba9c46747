"""A nested composition is one step early at its milestones, and raises at the outer one."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Sequential


def member(self, index, base, t, start):
    ahead = t + 1
    nested = self.schedules[index]
    if isinstance(self.schedules[0], Sequential) and index == 1:
        raise AttributeError("there is no such member")
    if isinstance(nested, Sequential) and ahead >= nested.milestones[0]:
        return nested.at(base, ahead)
    return nested.at(base, t - start)


Sequential.member = member
