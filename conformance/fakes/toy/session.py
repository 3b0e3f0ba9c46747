"""What the toy framework's workers offer: a live optimizer and what is done to it."""

import copy
from importlib import metadata

import toy
from toy import Optimizer

VERSION = metadata.version("numpy")
MODULES = (toy,)
SLOTS = 8


class Session:
    def __init__(self, mode, source, base_lr):
        self.base_lr = base_lr
        self.kept = {}
        self.current = 0
        self.optimizer = Optimizer(base_lr)
        self.builders = [builder(source)]
        self.build()

    def build(self, *index):
        self.schedulers = [self.begun(build, *index) for build in self.builders]
        self.use(self.current)

    def begun(self, build, *index):
        scheduler = build(self.optimizer, *index)
        scheduler.begin()
        return scheduler

    def also(self, source):
        self.builders.append(builder(source))
        self.schedulers.append(self.begun(self.builders[-1]))

    def use(self, j):
        self.current, self.scheduler = j, self.schedulers[j]

    def rates(self):
        return list(self.optimizer)

    def readers(self):
        return [self.rates, self.get_lr]

    def get_lr(self):
        return self.scheduler.rates()

    def momentum(self):
        return self.optimizer.momentum

    def update(self, slot):
        self.kept[slot] = list(self.optimizer)

    def step(self, *argument):
        self.scheduler.step(*argument)

    def applied(self, count):
        return list(zip(*[self.kept[slot] for slot in range(count)]))

    def set(self, rate):
        self.optimizer[:] = [rate for _ in self.optimizer]

    def multiply(self, factor):
        self.optimizer[:] = [rate * factor for rate in self.optimizer]

    def rebuild(self):
        self.schedulers[self.current] = self.begun(self.builders[self.current])
        self.use(self.current)

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


def builder(source):
    names = {}
    exec(compile(source, "<scheduler>", "exec"), names)
    return names["build_scheduler"]
