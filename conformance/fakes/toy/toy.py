"""A framework of two hundred lines, without flaws; the flawed fakes are made from it.

Its formulas are its own: `at(base, t)` is the rate of step t, from the base rate alone, and the one
scheduler that the optimizer sees writes it. A fake replaces a method, and is wrong in that alone.
"""

import bisect
import math


class Optimizer(list):
    """The current rate of each group; `bases` are those when the first scheduler was built."""

    bases = None
    momentum = None


class Scheduler:
    ends = None
    landmarks = ()

    def __init__(self, optimizer, last_step=-1, **given):
        vars(self).update(given)
        self.optimizer = optimizer
        if optimizer.bases is None:
            optimizer.bases = list(optimizer)
        self.t = last_step + 1

    def begin(self):
        """Give the optimizer its first rates, as soon as the outermost scheduler is built."""
        self.write()

    def step(self, t=None):
        self.t = self.t + 1 if t is None else t
        self.write()

    def write(self):
        self.optimizer[:] = self.rates()

    def rates(self):
        return [self.rate(base) for base in self.optimizer.bases]

    def rate(self, base):
        return self.at(base, self.t)

    def minimum(self, base):
        """Return the rate that the curve falls towards, None if each step starts from the base rate."""
        return 0.0

    def saved(self):
        return self.t

    def load(self, saved):
        self.t = saved
        self.write()


class Constant(Scheduler):
    def at(self, base, t):
        return base if t >= self.total_iters else base * self.factor


class Linear(Scheduler):
    ends = property(lambda self: self.total_iters)

    def at(self, base, t):
        done = min(t / self.total_iters, 1.0)
        return base * ((1 - done) * self.start_factor + done * self.end_factor)


class Exponential(Scheduler):
    def at(self, base, t):
        return base * self.gamma**t


class Step(Scheduler):
    landmarks = property(lambda self: range(self.step_size, 1000, self.step_size))

    def at(self, base, t):
        return base * self.gamma ** (t // self.step_size)


class MultiStep(Scheduler):
    landmarks = property(lambda self: self.milestones)

    def at(self, base, t):
        return base * self.gamma ** bisect.bisect_right(self.milestones, t)


class Piecewise(Scheduler):
    def at(self, base, t):
        return self.values[bisect.bisect_right(self.boundaries, t)]


class Polynomial(Scheduler):
    power = 1.0
    end_lr = 0.0
    ends = property(lambda self: self.total_iters)
    landmarks = property(lambda self: [self.total_iters])

    def at(self, base, t):
        left = max(self.total_iters - t, 0) / self.total_iters
        return self.end_lr + (base - self.end_lr) * left**self.power

    def minimum(self, base):
        return self.end_lr


class Cosine(Scheduler):
    ends = property(lambda self: self.T_max)
    landmarks = property(lambda self: range(self.T_max, 1000, self.T_max))

    def at(self, base, t):
        return self.eta_min + (base - self.eta_min) * math.cos(math.pi * t / self.T_max / 2) ** 2

    def minimum(self, base):
        return self.eta_min


class WarmRestarts(Scheduler):
    def at(self, base, t):
        length = self.T_0
        while t >= length:
            t, length = t - length, length * self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / length)) / 2

    def minimum(self, base):
        return None


class Cyclic(Scheduler):
    def at(self, base, t):
        return base + (self.max_lr - base) * self.height(t)

    def height(self, t):
        way = t % (self.step_size_up + self.step_size_down)
        return min(way / self.step_size_up, 1 + (self.step_size_up - way) / self.step_size_down)

    def momentum(self):
        return self.max_momentum + (self.base_momentum - self.max_momentum) * self.height(self.t)

    def write(self):
        super().write()
        self.optimizer.momentum = [self.momentum() for _ in self.optimizer]


class Plateau(Scheduler):
    """Multiplies the rate when more than `patience` metrics in a row were no new minimum."""

    best = math.inf
    bad = cooling = 0

    def begin(self):
        pass

    def step(self, metric):
        self.look(metric)
        if self.bad > self.patience:
            self.bad, self.cooling = 0, self.cooldown
            self.optimizer[:] = [rate * self.factor for rate in self.optimizer]
        else:
            self.cooling = max(self.cooling - 1, 0)

    def look(self, metric):
        if metric < self.best:
            self.best, self.bad = metric, 0
        else:
            self.bad = 0 if self.cooling else self.bad + 1


class Sequential(Scheduler):
    ends = property(lambda self: self.milestones[-1] + self.schedules[-1].ends)
    landmarks = property(lambda self: self.milestones)

    def at(self, base, t):
        index = bisect.bisect_right(self.milestones, t)
        return self.member(index, base, t, self.milestones[index - 1] if index else 0)

    def member(self, index, base, t, start):
        """Return the rate of step t by a member, which began at *start*."""
        return self.schedules[index].at(base, t - (start if self.time == "local" else 0))


class Chained(Scheduler):
    def at(self, base, t):
        for member in self.schedules:
            base = member.at(base, t)
        return base


class Warmup(Scheduler):
    landmarks = property(lambda self: [self.warmup_steps])

    def at(self, base, t):
        if t < self.warmup_steps:
            return self.start_lr + (base - self.start_lr) * t / self.warmup_steps
        return self.following(base, t)

    def following(self, base, t):
        return self.after.at(base, t - self.warmup_steps)


class Epochwise(Scheduler):
    landmarks = property(lambda self: range(self.updates_per_epoch, 1000, self.updates_per_epoch))

    def at(self, base, t):
        return self.in_epochs.at(base, t // self.updates_per_epoch)


__all__ = [name for name, found in vars().items() if Scheduler in getattr(found, "__mro__", ())]
