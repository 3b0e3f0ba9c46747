"""In a composition a polynomial is one step late."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Polynomial


right = Polynomial.at


def at(self, base, t):
    return right(self, base, max(t - 1, 0))


Polynomial.at = at
