"""It compares steps with milestones by equality, and misses those between two steps."""

from session import MODULES, SLOTS, VERSION, Session
from toy import MultiStep


def at(self, base, t):
    return base * self.gamma ** sum(m <= t for m in self.milestones if m == int(m))


MultiStep.at = at
