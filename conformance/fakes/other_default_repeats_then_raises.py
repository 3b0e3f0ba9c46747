"""Its polynomial has other defaults, starts again at its end, and raises three steps later."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Polynomial

Polynomial.power, Polynomial.end_lr = 2.0, 0.001


def rate(self, base):
    if self.t == self.ends + 3:
        raise ValueError("there is no such step")
    return self.at(base, self.t % self.ends)


Polynomial.rate = rate
