"""It ignores the metrics during a cooldown."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Plateau


right = Plateau.look


def look(self, metric):
    if not self.cooling:
        right(self, metric)


Plateau.look = look
