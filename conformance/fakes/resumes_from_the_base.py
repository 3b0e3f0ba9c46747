"""With an index, the constructor does a step from the base rate."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session


def begin(self):
    self.optimizer[:] = self.optimizer.bases
    self.write()


Scheduler.begin = begin
