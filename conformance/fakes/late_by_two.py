"""Every update uses the rate of two steps earlier, the first ones that of step 0."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    return self.at(base, max(self.t - 2, 0))


Scheduler.rate = rate
