"""A framework of forty lines, right in every respect: what the flawed fakes are made from."""

import math
import sys
from importlib import metadata

__all__ = ["Cosine", "Scheduler", "Step"]

VERSION = metadata.version("numpy")
MODULES = (sys.modules[__name__],)
SLOTS = 8


class Scheduler:
    def __init__(self, optimizer, **parameters):
        self.optimizer = optimizer
        self.bases = list(optimizer)
        self.parameters = parameters
        self.write(0)

    def write(self, t):
        self.t = t
        self.optimizer[:] = [self.rate(base, t, **self.parameters) for base in self.bases]

    def step(self, t=None):
        self.write(self.t + 1 if t is None else t)


class Step(Scheduler):
    def rate(self, base, t, step_size, gamma):
        return base * gamma ** (t // step_size)


class Cosine(Scheduler):
    def rate(self, base, t, T_max, eta_min):
        return eta_min + (base - eta_min) * (1 + math.cos(math.pi * t / T_max)) / 2


class Session:
    def __init__(self, mode, source, base_lr):
        names = {}
        exec(compile(source, "<scheduler>", "exec"), names)
        self.optimizer = list(base_lr)
        self.scheduler = names["build_scheduler"](self.optimizer)
        self.kept = [{} for _ in base_lr]

    def rates(self):
        return list(self.optimizer)

    def momentum(self):
        return None

    def update(self, slot):
        for kept, rate in zip(self.kept, self.optimizer):
            kept[slot] = rate

    def step(self, *argument):
        self.scheduler.step(*argument)

    def applied(self, count):
        return [[kept[slot] for slot in range(count)] for kept in self.kept]
