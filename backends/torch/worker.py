"""PyTorch's worker: a live optimizer and its schedulers, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that it then holds minus the applied rate, exactly: it was zero before.
"""

import warnings

import torch
from _lrspec.optimized import Optimized

warnings.simplefilter("ignore")  # step(epoch) is deprecated, but is a scenario

VERSION = torch.__version__
MODULES = (torch.optim.lr_scheduler, torch.optim.swa_utils)
SLOTS = 64
GRADIENTS = {dtype: list(torch.eye(SLOTS, dtype=dtype)) for dtype in (torch.float64, torch.float32)}


class Float64(Optimized):
    """A session with float64 parameters."""

    SGD = torch.optim.SGD
    dtype = torch.float64

    def weight(self):
        return torch.nn.Parameter(torch.zeros(SLOTS, dtype=self.dtype))

    def readers(self):
        return [self.scheduler.get_last_lr, self.scheduler.get_lr]

    def get_lr(self):
        return list(map(float, self.scheduler.get_lr()))

    def update(self, slot):
        gradient = GRADIENTS[self.dtype][slot]
        for weight in self.weights:
            weight.grad = gradient
        self.optimizer.step()
        if self.cycles_momentum:
            self.optimizer.state.clear()  # a first update with momentum is one without it


class Float32(Float64):
    """A session with float32 parameters."""

    dtype = torch.float32


class TensorRates(Float64):
    """A session with a tensor as the rate of each group, which the scheduler changes in place."""

    def rate(self, lr):
        return torch.tensor(lr, dtype=torch.float64)

    def rates(self):
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def set(self, rate):
        for group in self.optimizer.param_groups:
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate)
            else:  # a scheduler of the source may have set it to a number
                group["lr"] = rate


MODES = {"torch": Float64, "torch-float32": Float32, "torch-tensor": TensorRates}


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return MODES[mode](source, base_lr)
