"""OneFlow's worker: a live optimizer and its schedulers, eager or compiled into an `nn.Graph`.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before. OneFlow applies every
rate as a float32, and reports none from a graph.
"""

import copy

import oneflow as flow

VERSION = flow.__version__
MODULES = (flow.optim.lr_scheduler,)
SLOTS = 256  # reading a weight waits for all that is under way: seldom is cheaper
GRADIENTS = {
    dtype: [row.clone() for row in flow.eye(SLOTS, dtype=dtype)]
    for dtype in (flow.float64, flow.float32)
}


def builder(source):
    """Return the function `build_scheduler` of *source*."""
    names = {}
    exec(compile(source, "<scheduler>", "exec"), names)
    return names["build_scheduler"]


class Optimized:
    """One optimizer with a weight a parameter group, and the scheduler that the source builds."""

    dtype = flow.float64

    def __init__(self, source, base_lr):
        self.gradients = GRADIENTS[self.dtype]
        self.base_lr = base_lr
        self.builders = [builder(source)]
        self.current = 0
        self.renew([{"lr": lr} for lr in base_lr])
        self.build()

    def weight(self):
        return flow.nn.Parameter(flow.zeros(SLOTS, dtype=self.dtype))

    def renew(self, groups):
        """Make a new optimizer, with a new weight in each of *groups*."""
        self.weights = [self.weight() for _ in groups]
        self.values = [weight.detach() for weight in self.weights]
        self.optimizer = flow.optim.SGD(
            [dict(group, params=[weight]) for group, weight in zip(groups, self.weights)]
        )

    def build(self, *index):
        self.schedulers = [build(self.optimizer, *index) for build in self.builders]
        self.use(self.current)

    def use(self, j):
        self.current = j
        self.scheduler = self.schedulers[j]

    def momentum(self):
        """No scheduler of OneFlow's own moves it; a source may bring one that does."""

    def applied(self, count):
        found = [(-value.numpy()[:count]).tolist() for value in self.values]
        for value in self.values:
            value.zero_()
        return found


class Eager(Optimized):
    """Driven by Python, and changed from there."""

    def momentum(self):
        if getattr(self.scheduler, "cycle_momentum", False):
            return [group["momentum"] for group in self.optimizer.param_groups]
        return None

    def also(self, source):
        self.builders.append(builder(source))
        self.schedulers.append(self.builders[-1](self.optimizer))

    def rates(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def readers(self):
        return [self.scheduler.get_last_lr, self.get_lr]

    def get_lr(self):
        bases, step = self.scheduler.base_lrs, self.scheduler.last_step
        return [self.scheduler.get_lr(base_lr, step) for base_lr in bases]

    def update(self, slot):
        gradient = self.gradients[slot]
        for weight in self.weights:
            weight.grad = gradient
        self.optimizer.step()
        if self.momentum() is not None:
            for weight in self.weights:  # the first update under a momentum is one without it
                self.optimizer._state[weight].clear()

    def step(self, *argument):
        self.scheduler.step(*argument)

    def resume(self, order):
        schedulers = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = copy.deepcopy(self.optimizer.state_dict())
        self.renew([{"lr": lr} for lr in self.base_lr])
        if order == "built-late":
            self.optimizer.load_state_dict(optimizer)
        self.build()
        for scheduler, state in zip(self.schedulers, schedulers):
            scheduler.load_state_dict(state)
        if order == "right":
            self.optimizer.load_state_dict(optimizer)

    def resume_index(self, index):
        self.renew([group.options for group in self.optimizer.param_groups])
        self.build(index)

    def set(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def multiply(self, factor):
        for group in self.optimizer.param_groups:
            group["lr"] *= factor

    def rebuild(self):
        self.schedulers[self.current] = self.builders[self.current](self.optimizer)
        self.use(self.current)

    def add_group(self, lr):
        self.weights.append(self.weight())
        self.values.append(self.weights[-1].detach())
        self.optimizer.add_param_group({"params": self.weights[-1:], "lr": lr})


class Model(flow.nn.Module):
    """The dot product of each weight with the input, which is therefore its gradient."""

    def __init__(self, weights):
        super().__init__()
        for index, weight in enumerate(weights):
            self.register_parameter(str(index), weight)
        self.count = len(weights)

    def forward(self, gradient):
        weights = [getattr(self, str(index)) for index in range(self.count)]
        return sum(flow.dot(weight, gradient) for weight in weights)


class Compiled(flow.nn.Graph):
    """A training step, the schedule compiled into it."""

    def __init__(self, model, optimizer, scheduler):
        super().__init__()
        self.model = model
        self.add_optimizer(optimizer, lr_sch=scheduler)

    def build(self, gradient):
        loss = self.model(gradient)
        loss.backward()
        return loss


#: Graphs are kept: OneFlow can crash while one is torn down.
KEPT = []


class Graph(Optimized):
    """The same inside an `nn.Graph`: each call of the graph is one update and one step."""

    dtype = flow.float32  # a graph has no float64 SGD on the CPU

    def __init__(self, source, base_lr):
        super().__init__(source, base_lr)
        self.graph = Compiled(Model(self.weights), self.optimizer, self.scheduler)
        self.graph._compile(self.gradients[0])
        KEPT.append(self.graph)

    def rates(self):
        """A graph reports none."""

    def update(self, slot):
        self.graph(self.gradients[slot])

    def step(self):
        """The graph has counted its call already."""


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return (Graph if mode == "oneflow-graph" else Eager)(source, base_lr)
