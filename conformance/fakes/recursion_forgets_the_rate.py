"""A resume restores only the step; the next rate follows from that of the new optimizer."""

from recursive import MODULES, SLOTS, VERSION, Session


def restore(self, optimizer):
    pass


Session.restore = restore
