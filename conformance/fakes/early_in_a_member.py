"""In a composition a polynomial is one step early."""

from toy import MODULES, SLOTS, VERSION, Polynomial, Session


right = Polynomial.at


def at(self, base, t):
    return right(self, base, t + 1)


Polynomial.at = at
