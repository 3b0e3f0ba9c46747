"""It is one step early, and at the sixth step it raises."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    if self.t == 6:
        raise RuntimeError("enough")
    return self.at(base, self.t + 1)


Scheduler.rate = rate
