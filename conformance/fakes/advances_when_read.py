"""Each read of a composition's rate applies the step to its nested members once more."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session, Warmup


def rates(self):
    bases = self.optimizer.bases
    self.own = [self.walk(rate, base, self.t) for rate, base in zip(self.own or bases, bases)]
    return self.own


def warmup(self, prev, base, t):
    own = t - self.warmup_steps
    return self.at(base, t) if own < 0 else self.after.walk(prev if own else base, base, own)


Scheduler.own = None
Scheduler.rates, Warmup.walk = rates, warmup
