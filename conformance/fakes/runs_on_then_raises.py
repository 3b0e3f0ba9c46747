"""Its line continues one step past its end, then it raises."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Linear


def at(self, base, t):
    if t > self.total_iters + 1:
        raise ValueError("there is no such step")
    done = t / self.total_iters
    return base * ((1 - done) * self.start_factor + done * self.end_factor)


Linear.at = at
