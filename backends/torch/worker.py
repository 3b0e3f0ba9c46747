"""PyTorch's worker: a live optimizer and its schedulers, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before.
"""

import copy
import warnings

import torch

warnings.simplefilter("ignore")  # step(epoch) is deprecated, and observed all the same

VERSION = torch.__version__
MODULES = (torch.optim.lr_scheduler, torch.optim.swa_utils)
SLOTS = 64
GRADIENTS = {dtype: list(torch.eye(SLOTS, dtype=dtype)) for dtype in (torch.float64, torch.float32)}


def builder(source):
    """Return the function `build_scheduler` of *source*."""
    names = {}
    exec(compile(source, "<scheduler>", "exec"), names)
    return names["build_scheduler"]


def cycles_momentum(scheduler):
    """Tell whether *scheduler*, or a member of it, moves the momentum."""
    members = getattr(scheduler, "_schedulers", ())
    return getattr(scheduler, "cycle_momentum", False) or any(map(cycles_momentum, members))


class Float64:
    """One optimizer with a weight a parameter group, and the schedulers that are built on it."""

    dtype = torch.float64

    def __init__(self, source, base_lr):
        self.gradients = GRADIENTS[self.dtype]
        self.base_lr = base_lr
        self.builders = [builder(source)]
        self.current = 0
        self.renew([{"lr": self.rate(lr)} for lr in base_lr])
        self.build()

    def rate(self, lr):
        """Return *lr* as a group of this mode has it."""
        return lr

    def weight(self):
        return torch.nn.Parameter(torch.zeros(SLOTS, dtype=self.dtype))

    def renew(self, groups):
        """Make a new optimizer, with a new weight in each of *groups*."""
        self.weights = [self.weight() for _ in groups]
        self.optimizer = torch.optim.SGD(
            [dict(group, params=[weight]) for group, weight in zip(groups, self.weights)]
        )

    def build(self, *index):
        self.schedulers = [build(self.optimizer, *index) for build in self.builders]
        self.use(self.current)

    def also(self, source):
        self.builders.append(builder(source))
        self.schedulers.append(self.builders[-1](self.optimizer))
        self.use(self.current)

    def use(self, j):
        self.current = j
        self.scheduler = self.schedulers[j]
        self.cycles_momentum = any(map(cycles_momentum, self.schedulers))

    def rates(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def momentum(self):
        if self.cycles_momentum:
            return [group["momentum"] for group in self.optimizer.param_groups]
        return None

    def readers(self):
        return [self.scheduler.get_last_lr, self.scheduler.get_lr]

    def get_lr(self):
        return list(map(float, self.scheduler.get_lr()))

    def update(self, slot):
        for weight in self.weights:
            weight.grad = self.gradients[slot]
        self.optimizer.step()
        if self.cycles_momentum:
            self.optimizer.state.clear()  # the first update under a momentum is one without it

    def step(self, *argument):
        self.scheduler.step(*argument)

    def applied(self, count):
        found = [(-weight.data[:count]).tolist() for weight in self.weights]
        for weight in self.weights:
            weight.data.zero_()
        return found

    def resume(self, order):
        schedulers = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = copy.deepcopy(self.optimizer.state_dict())
        self.renew([{"lr": self.rate(lr)} for lr in self.base_lr])
        if order == "built-late":
            self.optimizer.load_state_dict(optimizer)
        self.build()
        for scheduler, state in zip(self.schedulers, schedulers):
            scheduler.load_state_dict(state)
        if order == "right":
            self.optimizer.load_state_dict(optimizer)

    def resume_index(self, index):
        groups = [dict(group) for group in self.optimizer.param_groups]
        self.renew(groups)
        self.build(index)

    def set(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def multiply(self, factor):
        for group in self.optimizer.param_groups:
            group["lr"] *= factor  # in place, where it is a tensor

    def rebuild(self):
        self.schedulers[self.current] = self.builders[self.current](self.optimizer)
        self.use(self.current)

    def add_group(self, lr):
        self.weights.append(self.weight())
        self.optimizer.add_param_group({"params": self.weights[-1:], "lr": self.rate(lr)})


class Float32(Float64):
    """The same with float32 parameters."""

    dtype = torch.float32


class TensorRates(Float64):
    """The same with a tensor for each group's rate, which the scheduler changes in place."""

    def rate(self, lr):
        return torch.tensor(lr, dtype=torch.float64)

    def rates(self):
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def set(self, rate):
        for group in self.optimizer.param_groups:
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate)
            else:  # a scheduler of the source's own may have put a number there
                group["lr"] = rate


MODES = {"torch": Float64, "torch-float32": Float32, "torch-tensor": TensorRates}


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return MODES[mode](source, base_lr)
