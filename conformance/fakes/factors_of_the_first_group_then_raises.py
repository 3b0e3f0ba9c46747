"""It multiplies a late group by the factors of the first group, and raises at step 12."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


def add_group(self, lr):
    self.optimizer.append(lr)


def write(self):
    if self.t == 12:
        raise IndexError("there is no such group")
    before, rates = self.optimizer[0], self.rates()
    late = [rate * rates[0] / before for rate in self.optimizer[len(rates) :]]
    self.optimizer[:] = rates + late


Session.add_group, Scheduler.write = add_group, write
