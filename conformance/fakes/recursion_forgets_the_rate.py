"""A resume restores the step alone, and the rate is made from that of the new optimizer."""

from recursive import MODULES, SLOTS, VERSION, Session


def restore(self, optimizer):
    pass


Session.restore = restore
