"""Past its end it raises."""

from toy import MODULES, SLOTS, VERSION, Scheduler, Session


def rate(self, base):
    if self.t > self.ends:
        raise ValueError("there is no such step")
    return self.at(base, self.t)


Scheduler.rate = rate
