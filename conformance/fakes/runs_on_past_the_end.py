"""Its line continues past its end."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Linear


def at(self, base, t):
    done = t / self.total_iters
    return base * ((1 - done) * self.start_factor + done * self.end_factor)


Linear.at = at
