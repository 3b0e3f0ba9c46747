"""The members of its compositions count from the start of the run."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Sequential, Warmup


def member(self, index, base, t, start):
    return self.schedules[index].at(base, t)


def following(self, base, t):
    return self.after.at(base, t)


Sequential.member, Warmup.following = member, following
