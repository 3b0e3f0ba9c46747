"""In a composition a polynomial is one step early."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Polynomial


right = Polynomial.at


def at(self, base, t):
    return right(self, base, t + 1)


Polynomial.at = at
