"""A composition that is built with an index continues its count, but its members start at 0."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Sequential, Session, bisect


def begin(self):
    self.counts = [0] + [-1] * len(self.milestones)
    self.optimizer[:] = [self.at(base, 0) for base in self.optimizer.bases]


def walk(self, prev, base, t):
    index = bisect.bisect_right(self.milestones, t)
    entered = index and t == self.milestones[index - 1]
    self.counts[index] = 0 if entered else self.counts[index] + 1
    return self.schedules[index].walk(base if entered else prev, base, self.counts[index])


Sequential.begin, Sequential.walk = begin, walk
