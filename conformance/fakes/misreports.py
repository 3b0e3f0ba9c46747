"""It applies half of what it reports."""

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def applied(self, count):
        return [[rate / 2 for rate in rates] for rates in super().applied(count)]
