"""It looks for steps that are equal to a milestone, and there is none that lies between two."""

from session import MODULES, SLOTS, VERSION, Session
from toy import MultiStep


def at(self, base, t):
    return base * self.gamma ** sum(m <= t for m in self.milestones if m == int(m))


MultiStep.at = at
