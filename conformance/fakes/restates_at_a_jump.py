"""It has the recursive form, except that a jump computes the rate from the step alone."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session


right = Scheduler.step


def step(self, t=None):
    right(self, t)
    if t is not None:
        self.optimizer[:] = [self.at(base, t) for base in self.optimizer.bases]


Scheduler.step = step
