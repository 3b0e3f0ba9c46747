"""A member starts with a step from the rate before its milestone."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Sequential, Session, bisect, following


def walk(self, prev, base, t):
    index = bisect.bisect_right(self.milestones, t)
    own = t - self.milestones[index - 1] if index else t
    member = self.schedules[index]
    return following(member, prev, base, own) if index else member.walk(prev, base, own)


Sequential.walk = walk
