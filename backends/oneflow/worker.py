"""OneFlow's worker: a live optimizer and its schedulers, eager or compiled into an `nn.Graph`.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that it then holds minus the applied rate, exactly: it was zero before. OneFlow applies every rate
as a float32, and reports none from a graph.
"""

import oneflow as flow
from _lrspec.optimized import Optimized

VERSION = flow.__version__
MODULES = (flow.optim.lr_scheduler,)
SLOTS = 256  # reading a weight waits for all pending operations: read it seldom
GRADIENTS = {
    dtype: [row.clone() for row in flow.eye(SLOTS, dtype=dtype)]
    for dtype in (flow.float64, flow.float32)
}


class Eager(Optimized):
    """A session that runs step by step from Python."""

    SGD = flow.optim.SGD
    dtype = flow.float64

    def weight(self):
        return flow.nn.Parameter(flow.zeros(SLOTS, dtype=self.dtype))

    def readers(self):
        return [self.scheduler.get_last_lr, self.get_lr]

    def get_lr(self):
        bases, step = self.scheduler.base_lrs, self.scheduler.last_step
        return [self.scheduler.get_lr(base_lr, step) for base_lr in bases]

    def update(self, slot):
        gradient = GRADIENTS[self.dtype][slot]
        for weight in self.weights:
            weight.grad = gradient
        self.optimizer.step()
        if self.cycles_momentum:
            for weight in self.weights:  # a first update with momentum is one without it
                self.optimizer._state[weight].clear()


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


#: All graphs: OneFlow can crash while one is destroyed.
GRAPHS = []


class Graph(Eager):
    """A session inside an `nn.Graph`: each call of the graph is one update and one step."""

    dtype = flow.float32  # a graph has no float64 SGD on the CPU

    def __init__(self, source, base_lr):
        super().__init__(source, base_lr)
        self.graph = Compiled(Model(self.weights), self.optimizer, self.scheduler)
        self.graph._compile(GRADIENTS[self.dtype][0])
        GRAPHS.append(self.graph)

    def rates(self):
        """A graph reports none."""

    def momentum(self):
        """A graph changes none."""

    def update(self, slot):
        self.graph(GRADIENTS[self.dtype][slot])

    def step(self):
        """The graph has already counted its call."""


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return (Graph if mode == "oneflow-graph" else Eager)(source, base_lr)
