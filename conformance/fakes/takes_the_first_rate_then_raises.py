"""The first rate of a member becomes every base rate; a line passes its end, then raises."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Linear, Sequential


def at(self, base, t):
    if t > self.total_iters + 1:
        raise ValueError("there is no such step")
    done = t / self.total_iters
    return base * ((1 - done) * self.start_factor + done * self.end_factor)


def member(self, index, base, t, start):
    return self.schedules[index].at(self.schedules[0].values[0], t - start)


Linear.at, Sequential.member = at, member
