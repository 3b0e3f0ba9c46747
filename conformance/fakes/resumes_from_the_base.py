"""The constructor takes the step to its index, from the base rate."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session


def begin(self):
    self.optimizer[:] = self.optimizer.bases
    self.write()


Scheduler.begin = begin
