"""The first metric becomes the best one, even if it is NaN."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Plateau, math


right = Plateau.look


def look(self, metric):
    if self.best == math.inf:
        self.best = metric
    else:
        right(self, metric)


Plateau.look = look
