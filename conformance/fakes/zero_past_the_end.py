"""From its end on the rate is zero."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    return self.at(base, self.t) if self.t < self.ends else 0.0


Scheduler.rate = rate
