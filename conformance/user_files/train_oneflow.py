"""Schedulers as they are commonly written in training scripts for OneFlow."""

import oneflow as flow
from oneflow.optim import lr_scheduler as lrs


def optimizer(lr=0.1, groups=1):
    weights = [flow.nn.Parameter(flow.zeros(2)) for _ in range(groups)]
    return flow.optim.SGD([{"params": [w], "lr": lr / 2**i} for i, w in enumerate(weights)], lr=lr)


def after(steps, scheduler, *arguments):
    for _ in range(steps):
        scheduler.step(*arguments)
    return scheduler


def composed(make, *arguments, **options):
    one = optimizer()
    return make([member(one) for member in arguments], **options)


def noam(step):
    return 16**-0.5 * min((step + 1) ** -0.5, (step + 1) * 10**-1.5)


class Steps(lrs.StepLR):
    def get_lr(self, base_lr, step):
        return super().get_lr(base_lr, step) / 2


def standalone(t):
    """The factor of step t.

    Recipe:
    {"schedule": "linear", "base_lr": 0.1, "start_factor": 1.5, "end_factor": 0.5, "total_iters": 10}
    """
    return 1.5 - min(t, 10) / 10
