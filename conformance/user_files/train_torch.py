"""Schedulers as they are commonly written in training scripts for PyTorch."""

import math
from functools import partial

import torch
from torch.optim import lr_scheduler as lrs
from torch.optim.swa_utils import SWALR


def optimizer(lr=0.1, groups=1):
    weights = [torch.nn.Parameter(torch.zeros(2)) for _ in range(groups)]
    groups = [{"params": [w], "lr": lr / 2**i} for i, w in enumerate(weights)]
    return torch.optim.SGD(groups, lr=lr, momentum=0.9)


def after(steps, scheduler):
    for _ in range(steps):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


def composed(make, *arguments, **options):
    """Return make([members], …), with all members built on one optimizer."""
    one = optimizer()
    return make([member(one) for member in arguments], **options)


class Cosine(lrs.CosineAnnealingLR):
    """Counts in epochs; the curve is unchanged."""

    def __init__(self, optimizer, epochs, steps_an_epoch):
        super().__init__(optimizer, T_max=epochs * steps_an_epoch)
        self.epochs = epochs


class Warmed(lrs.LambdaLR):
    """Uses its own method, as the schedules in early versions of transformers did."""

    def __init__(self, optimizer, warmup_steps, t_total):
        self.warmup_steps = warmup_steps
        self.t_total = t_total
        super().__init__(optimizer, self.lr_lambda)

    def lr_lambda(self, step):
        if step < self.warmup_steps:
            return float(step) / float(max(1.0, self.warmup_steps))
        left = float(self.t_total - step)
        return max(0.0, left / float(max(1.0, self.t_total - self.warmup_steps)))


class Floored(lrs.CosineAnnealingLR):
    def get_lr(self):
        return [max(rate, 0.01) for rate in super().get_lr()]


class Own(lrs.LRScheduler):
    def get_lr(self):
        return [base / (self.last_epoch + 1) for base in self.base_lrs]


class Settings:
    warmup = 5
    kind = "cosine"

    def __init__(self):
        self.warmup = 4
        self.total = 20
        self.kind = "cosine"


settings = Settings()


def by_settings(step):
    if step < settings.warmup:
        return step / settings.warmup
    done = (step - settings.warmup) / (settings.total - settings.warmup)
    if settings.kind == "cosine":
        return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return 1 - done


def warmed(step, *, warmup):
    return min(1.0, float(step) / float(max(1, warmup)))


class Inverse:
    def __init__(self, gamma):
        self.gamma = gamma

    def __call__(self, step):
        return 1 / (1 + self.gamma * step)


def helped(step):
    return 0.5 * decayed(step, 0.9)


def decayed(step, gamma):
    return gamma**step


def from_a_table(step):
    return [1.0, 0.5, 0.25][min(step, 2)]


def shouting(step):
    print(step)
    return 0.5


def standalone(t):
    """The factor of step t, which no plain expression gives here.

    Recipe:
    {"schedule": "cosine_decay", "base_lr": 0.1, "decay_steps": 10, "alpha": 0.25}
    """
    total = 0.25
    for _ in range(1):
        total += 0.375 * (1 + math.cos(math.pi * min(t, 10) / 10))
    return total


def lying(t):
    """Declares a different curve.

    Recipe:
    {"schedule": "cosine_decay", "base_lr": 0.1, "decay_steps": 10, "alpha": 0.5}
    """
    return standalone(t)


class Exact(lrs.LRScheduler):
    """A cosine that is held at its end.

    Recipe:
    {"schedule": "cosine_decay", "base_lr": 0.1, "decay_steps": 10, "alpha": 0.25}
    """

    def get_lr(self):
        return [base * standalone(self.last_epoch) for base in self.base_lrs]


def replaced():
    scheduler = lrs.StepLR(optimizer(), 3)
    scheduler.get_lr = lambda: [0.1]
    return scheduler


half = partial(warmed, warmup=8)
