"""OneFlow schedulers as a training script builds them and as it has left them in mid-run."""

import oneflow
from oneflow.nn.optimizer.lr_scheduler import LRScheduler
from oneflow.optim import lr_scheduler as lrs


def sgd(*rates):
    weights = [oneflow.nn.Parameter(oneflow.zeros(1)) for _ in rates]
    groups = [{"params": [w], "lr": rate} for w, rate in zip(weights, rates)]
    return oneflow.optim.SGD(groups, lr=1.0)


def stepped(steps, *schedulers):
    """Return the schedulers after so many updates."""
    for _ in range(steps):
        schedulers[0].optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return list(schedulers) if len(schedulers) > 1 else schedulers[0]


optimizer = sgd(0.1)
step = lrs.StepLR(optimizer, step_size=4, gamma=0.5)
exponential = lrs.ExponentialLR(optimizer, gamma=0.9)


class Inverse(LRScheduler):
    def __init__(self, optimizer, gamma):
        self.gamma = gamma
        super().__init__(optimizer)

    def get_lr(self, base_lr, step):
        return base_lr / (1 + self.gamma * step)


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
