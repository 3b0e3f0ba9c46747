"""Its rates are off in their last digits."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    return self.at(base, self.t) * (1 + 2.0**-48)


Scheduler.rate = rate
