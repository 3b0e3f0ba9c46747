"""A metric that comes in a cooldown is not looked at."""

from toy import MODULES, SLOTS, VERSION, Plateau, Session


right = Plateau.look


def look(self, metric):
    if not self.cooling:
        right(self, metric)


Plateau.look = look
