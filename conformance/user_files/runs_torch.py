"""PyTorch schedulers as a training script builds them and as it has left them in mid-run."""

import math

import torch
from torch.optim import lr_scheduler as lrs


def sgd(*rates):
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates]
    return torch.optim.SGD(groups, lr=1.0, momentum=0.9)


def stepped(steps, *schedulers):
    """Return the schedulers after so many updates."""
    for _ in range(steps):
        schedulers[0].optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return list(schedulers) if len(schedulers) > 1 else schedulers[0]


optimizer = sgd(0.1)
exponential = lrs.ExponentialLR(optimizer, gamma=0.9)
step = lrs.StepLR(optimizer, step_size=4, gamma=0.5)
linear = lrs.LinearLR(optimizer, start_factor=1.0, end_factor=0.5, total_iters=6)
by_lambda = lrs.LambdaLR(optimizer, lambda t: 0.8**t)

alone = lrs.StepLR(sgd(0.1), step_size=4)
other = sgd(0.1)
warmup = lrs.LinearLR(other, start_factor=0.5, total_iters=3)
rest = lrs.ExponentialLR(other, gamma=0.9)
composed = lrs.SequentialLR(other, [warmup, rest], milestones=[3])


watched = sgd(0.1)
plateau = lrs.ReduceLROnPlateau(watched, patience=2)
beside = lrs.StepLR(watched, step_size=30)


class Inverse(lrs.LRScheduler):
    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base_lr / (1 + self.gamma * self.last_epoch) for base_lr in self.base_lrs]


class WarmupCosine(lrs._LRScheduler):
    """A cosine down to a rate after a warmup, under the base class's older name."""

    def __init__(self, optimizer, warmup, total, low):
        self.warmup, self.total, self.low = warmup, total, low
        super().__init__(optimizer)

    def get_lr(self):
        if self.last_epoch < self.warmup:
            return [lr * (self.last_epoch + 1) / self.warmup for lr in self.base_lrs]
        done = min(1.0, (self.last_epoch - self.warmup) / (self.total - self.warmup))
        share = 0.5 * (1 + math.cos(math.pi * done))
        return [self.low + (lr - self.low) * share for lr in self.base_lrs]


class ByGroup(lrs.LRScheduler):
    def get_lr(self):
        return [group["initial_lr"] * 0.9**self.last_epoch for group in self.optimizer.param_groups]


class Recursive(lrs.LRScheduler):
    def get_lr(self):
        return [group["lr"] * 0.9 for group in self.optimizer.param_groups]


class Floored(lrs.StepLR):
    def get_lr(self):
        return [max(rate, 0.01) for rate in super().get_lr()]


class Counting(lrs.LRScheduler):
    calls = 0

    def get_lr(self):
        Counting.calls += 1
        return [base / Counting.calls for base in self.base_lrs]


class Above(lrs.LRScheduler):
    """Decays each group to one rate, which is no fraction of its base rate."""

    def get_lr(self):
        return [0.01 + (base - 0.01) / (1 + self.last_epoch) for base in self.base_lrs]


def warmed():
    one = sgd(0.1)
    members = [lrs.LinearLR(one, start_factor=0.5, total_iters=3), Inverse(one, 0.5)]
    return lrs.SequentialLR(one, members, milestones=[3])


def by_hand(scheduler, *rates):
    """Set the rates of the parameter groups, as tutorials do when the loss stalls."""
    for group, rate in zip(scheduler.optimizer.param_groups, rates):
        group["lr"] = rate
    return scheduler


def second(steps, first, then):
    """Return a second schedule on an optimizer that a first one has used."""
    one = sgd(0.1)
    stepped(steps, first(one))
    return then(one)


def resumed(steps, make):
    """Return a scheduler that continues from a checkpoint."""
    saved = stepped(steps, make(sgd(0.1, 0.3)))
    scheduler = make(sgd(0.1, 0.3))
    scheduler.load_state_dict(saved.state_dict())
    scheduler.optimizer.load_state_dict(saved.optimizer.state_dict())
    return scheduler


def from_index(step, make):
    """Return a scheduler that is built to continue at a step, which its constructor takes."""
    one = sgd(0.1)
    for group in one.param_groups:
        group["initial_lr"] = group["lr"]
    return make(one, step)
