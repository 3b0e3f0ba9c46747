"""OneFlow's worker: a live optimizer and scheduler, eager or compiled into an `nn.Graph`.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before. OneFlow applies every
rate as a float32, and reports none from a graph.
"""

import oneflow as flow

VERSION = flow.__version__
SLOTS = 256  # reading a weight waits for all that is under way: seldom is cheaper
GRADIENTS = {
    dtype: [row.clone() for row in flow.eye(SLOTS, dtype=dtype)]
    for dtype in (flow.float64, flow.float32)
}


class Eager:
    """One optimizer with a weight a parameter group, and the scheduler that the source builds."""

    dtype = flow.float64

    def __init__(self, source, base_lr):
        self.weights = [flow.nn.Parameter(flow.zeros(SLOTS, dtype=self.dtype)) for _ in base_lr]
        groups = [{"params": [w], "lr": lr} for w, lr in zip(self.weights, base_lr)]
        self.optimizer = flow.optim.SGD(groups, lr=base_lr[0])
        names = {}
        exec(compile(source, "<scheduler>", "exec"), names)
        self.scheduler = names["build_scheduler"](self.optimizer)
        self.values = [weight.detach() for weight in self.weights]
        self.gradients = GRADIENTS[self.dtype]

    def rates(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def update(self, slot):
        gradient = self.gradients[slot]
        for weight in self.weights:
            weight.grad = gradient
        self.optimizer.step()

    def step(self):
        self.scheduler.step()

    def applied(self, count):
        found = [(-value.numpy()[:count]).tolist() for value in self.values]
        for value in self.values:
            value.zero_()
        return found


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


class Graph(Eager):
    """The same inside an `nn.Graph`: each call of the graph is one update and one step."""

    dtype = flow.float32  # a graph has no float64 SGD on the CPU

    def __init__(self, source, base_lr):
        super().__init__(source, base_lr)
        self.graph = Compiled(Model(self.weights), self.optimizer, self.scheduler)
        self.graph._compile(self.gradients[0])
        KEPT.append(self.graph)

    def rates(self):
        return None

    def update(self, slot):
        self.graph(self.gradients[slot])

    def step(self):
        """The graph has counted its call already."""


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return (Graph if mode == "oneflow-graph" else Eager)(source, base_lr)
