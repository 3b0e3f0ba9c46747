"""Its polynomial has other defaults, and starts again at its end."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Polynomial

Polynomial.power, Polynomial.end_lr = 2.0, 0.001


def rate(self, base):
    return self.at(base, self.t % self.ends)


Polynomial.rate = rate
