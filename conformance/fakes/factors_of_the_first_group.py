"""It multiplies a group that is added later by the factors of the first group."""

from leaves_a_late_group import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def write(self):
    before, rates = self.optimizer[0], self.rates()
    late = [rate * rates[0] / before for rate in self.optimizer[len(rates) :]]
    self.optimizer[:] = rates + late


Scheduler.write = write
