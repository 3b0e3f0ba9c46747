"""In a composition a polynomial is one step late."""

from toy import MODULES, SLOTS, VERSION, Polynomial, Session


right = Polynomial.at


def at(self, base, t):
    return right(self, base, max(t - 1, 0))


Polynomial.at = at
