"""The momentum stays at its maximum."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Cyclic


def momentum(self):
    return self.max_momentum


Cyclic.momentum = momentum
