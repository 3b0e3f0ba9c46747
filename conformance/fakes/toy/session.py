"""The session of the toy framework's workers."""

import copy
from importlib import metadata

import toy
from _lrspec.optimized import Schedulers
from toy import Optimizer

VERSION = metadata.version("numpy")
MODULES = (toy,)
SLOTS = 8


class Session(Schedulers):
    def __init__(self, mode, source, base_lr):
        super().__init__(source)
        self.base_lr = base_lr
        self.slots = {}
        self.optimizer = Optimizer(base_lr)
        self.build()

    def build(self, *index):
        self.schedulers = [self.built(build, *index) for build in self.builders]
        self.use(self.current)

    def built(self, build, *index):
        scheduler = build(self.optimizer, *index)
        scheduler.begin()
        return scheduler

    def rates(self):
        return list(self.optimizer)

    def readers(self):
        return [self.rates, self.get_lr]

    def get_lr(self):
        return self.scheduler.rates()

    def momentum(self):
        return self.optimizer.momentum

    def update(self, slot):
        self.slots[slot] = list(self.optimizer)

    def applied(self, count):
        return list(zip(*[self.slots[slot] for slot in range(count)]))

    def set(self, rate):
        self.optimizer[:] = [rate for _ in self.optimizer]

    def multiply(self, factor):
        self.optimizer[:] = [rate * factor for rate in self.optimizer]

    def add_group(self, lr):
        self.optimizer.append(lr)
        self.optimizer.bases.append(lr)

    def resume(self, order):
        optimizer = copy.deepcopy(self.optimizer)
        schedulers = [scheduler.saved() for scheduler in self.schedulers]
        self.optimizer = (
            copy.deepcopy(optimizer) if order == "built-late" else Optimizer(self.base_lr)
        )
        self.build()
        for scheduler, saved in zip(self.schedulers, schedulers):
            scheduler.load(saved)
        if order == "right":
            self.restore(optimizer)

    def restore(self, optimizer):
        self.optimizer[:] = optimizer

    def resume_index(self, index):
        self.optimizer = copy.deepcopy(self.optimizer)
        self.build(index)
