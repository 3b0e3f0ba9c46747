"""The momentum stays at its maximum."""

from toy import MODULES, SLOTS, VERSION, Cyclic, Session


def momentum(self):
    return self.max_momentum


Cyclic.momentum = momentum
