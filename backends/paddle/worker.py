"""PaddlePaddle's worker: a live optimizer and scheduler, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before. The default dtype is
float64 because Paddle keeps the applied rate in it.
"""

import paddle

paddle.set_device("cpu")
paddle.set_default_dtype("float64")

VERSION = paddle.__version__
SLOTS = 64
GRADIENTS = [paddle.eye(SLOTS, dtype="float64")[i] for i in range(SLOTS)]
ZERO = paddle.nn.initializer.Constant(0.0)


class Session:
    """One optimizer with a weight a parameter group, and the scheduler that the source builds."""

    def __init__(self, mode, source, base_lr):
        names = {}
        exec(compile(source, "<scheduler>", "exec"), names)
        self.scheduler = names["build_scheduler"]()
        self.factors = [lr / base_lr[0] for lr in base_lr]
        self.weights = [
            paddle.create_parameter([SLOTS], "float64", default_initializer=ZERO) for _ in base_lr
        ]
        self.values = [weight.detach() for weight in self.weights]
        groups = [{"params": [w], "learning_rate": f} for w, f in zip(self.weights, self.factors)]
        self.optimizer = paddle.optimizer.SGD(self.scheduler, groups)

    def rates(self):
        rate = self.scheduler()
        return [rate * factor for factor in self.factors]

    def update(self, slot):
        for weight in self.weights:
            weight.grad = GRADIENTS[slot]
        self.optimizer.step()

    def step(self):
        self.scheduler.step()

    def jump(self, t):
        self.scheduler.step(t)

    def applied(self, count):
        found = [(-value.numpy()[:count]).tolist() for value in self.values]
        for value in self.values:
            value.zero_()
        return found
