"""Schedulers as they are commonly written in training scripts for PaddlePaddle."""

import math

from paddle.optimizer import lr


class Cosine(lr.CosineAnnealingDecay):
    """A cosine over a given number of epochs."""

    def __init__(self, lr, step_each_epoch, epochs, **kwargs):
        super().__init__(learning_rate=lr, T_max=step_each_epoch * epochs)
        self.update_specified = False


class CosineWarmup(lr.LinearWarmup):
    """A cosine after a linear warmup, both counted in epochs; other arguments are ignored."""

    def __init__(self, lr, step_each_epoch, epochs, warmup_epoch=5, **kwargs):
        assert epochs > warmup_epoch
        super().__init__(
            learning_rate=Cosine(lr, step_each_epoch, epochs - warmup_epoch),
            warmup_steps=warmup_epoch * step_each_epoch,
            start_lr=0.0,
            end_lr=lr,
        )
        self.update_specified = False


class Warmed(lr.LambdaDecay):
    """Uses its own method, which has the same name as the attribute that holds it."""

    def __init__(self, learning_rate, warmup_steps):
        self.warmup_steps = warmup_steps
        super().__init__(learning_rate, self.lr_lambda)

    def lr_lambda(self, step):
        return min(1.0, (step + 1) / self.warmup_steps)


class Closed(lr.StepDecay):
    def _get_closed_form_lr(self):
        return 0.1


def after(steps, scheduler, *arguments):
    for _ in range(steps):
        scheduler.step(*arguments)
    return scheduler


def standalone(t):
    """The factor of step t.

    Recipe:
    {"schedule": "cosine_decay", "base_lr": 0.1, "decay_steps": 10, "alpha": 0.25}
    """
    return 0.25 + 0.375 * (1 + math.cos(math.pi * min(t, 10) / 10))


def height(cycle):
    return 1 / cycle
