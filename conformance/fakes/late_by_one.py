"""Every update uses the rate of the step before, the first one that of step 0."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    return self.at(base, max(self.t - 1, 0))


Scheduler.rate = rate
