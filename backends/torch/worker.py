"""PyTorch's worker: a live optimizer and scheduler, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before.
"""

import warnings

import torch

warnings.simplefilter("ignore")  # step(epoch) is deprecated, and observed all the same

VERSION = torch.__version__
SLOTS = 64
GRADIENTS = list(torch.eye(SLOTS, dtype=torch.float64))


class Session:
    """One optimizer with a weight a parameter group, and the scheduler that the source builds."""

    def __init__(self, mode, source, base_lr):
        self.weights = [
            torch.nn.Parameter(torch.zeros(SLOTS, dtype=torch.float64)) for _ in base_lr
        ]
        groups = [{"params": [w], "lr": lr} for w, lr in zip(self.weights, base_lr)]
        self.optimizer = torch.optim.SGD(groups, lr=base_lr[0])
        names = {}
        exec(compile(source, "<scheduler>", "exec"), names)
        self.scheduler = names["build_scheduler"](self.optimizer)

    def rates(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def update(self, slot):
        for weight in self.weights:
            weight.grad = GRADIENTS[slot]
        self.optimizer.step()

    def step(self):
        self.scheduler.step()

    def jump(self, t):
        self.scheduler.step(t)

    def applied(self, count):
        found = [(-weight.data[:count]).tolist() for weight in self.weights]
        for weight in self.weights:
            weight.data.zero_()
        return found
