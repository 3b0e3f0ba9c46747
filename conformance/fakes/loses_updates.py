"""It does not report the last update."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def applied(self, count):
        return [rates[:-1] for rates in super().applied(count)]

    def rates(self):
        return None
