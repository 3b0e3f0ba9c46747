"""PaddlePaddle's worker: a live optimizer and its schedulers, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that it then holds minus the applied rate, exactly: it was zero before. Paddle keeps the
applied rate in the default dtype.
"""

import copy
import tempfile

import paddle
from _lrspec.optimized import Schedulers

paddle.set_device("cpu")

VERSION = paddle.__version__
MODULES = (paddle.optimizer.lr,)
SLOTS = 64
ZERO = paddle.nn.initializer.Constant(0.0)
GRADIENTS = {
    dtype: [paddle.eye(SLOTS, dtype=dtype)[i] for i in range(SLOTS)]
    for dtype in ("float64", "float32")
}
ROWS = paddle.eye(SLOTS, dtype="float64").numpy()  # the same, to be fed to a static program


class Float64(Schedulers):
    """A session whose optimizer takes the scheduler as its rate; groups have factors of it."""

    dtype = "float64"
    leads = False

    def __init__(self, source, base_lr):
        super().__init__(source)
        paddle.set_default_dtype(self.dtype)
        self.base_lr = float(base_lr[0])
        self.factors = [lr / base_lr[0] for lr in base_lr]
        self.build()

    def build(self, *index):
        """Build every scheduler again, and an optimizer with the current one."""
        self.schedulers = [self.built(build, *index) for build in self.builders]
        self.scheduler = self.schedulers[self.current]
        self.renew(self.scheduler)

    def renew(self, rate):
        """Make a new optimizer with *rate*, a scheduler or a number, and new weights."""
        self.weights = [
            paddle.create_parameter([SLOTS], self.dtype, default_initializer=ZERO)
            for _ in self.factors
        ]
        groups = [{"params": [w], "learning_rate": f} for w, f in zip(self.weights, self.factors)]
        self.leads = hasattr(rate, "follow")
        if self.leads:
            self.optimizer = paddle.optimizer.Momentum(rate, momentum=0.0, parameters=groups)
            rate.follow(self.optimizer)
        else:
            self.optimizer = paddle.optimizer.SGD(rate, groups)

    def use(self, j):
        super().use(j)
        self.optimizer.set_lr_scheduler(self.scheduler)

    def rates(self):
        rate = self.scheduler()
        if self.leads:
            return [rate * weight.optimize_attr["learning_rate"] for weight in self.weights]
        return [rate * factor for factor in self.factors]

    def momentum(self):
        """Return the momentum of a source's own scheduler; none of Paddle's changes it."""
        if getattr(self.scheduler, "cycle_momentum", False):
            return [group["momentum"] for group in self.optimizer._param_groups]
        return None

    def readers(self):
        return [self.scheduler, self.scheduler.get_lr, self.optimizer.get_lr]

    def get_lr(self):
        rate = self.scheduler.get_lr()
        return [rate * factor for factor in self.factors]

    def update(self, slot):
        for weight in self.weights:
            weight.grad = GRADIENTS[self.dtype][slot]
        self.optimizer.step()
        if self.leads:  # a first update with momentum is one without it
            for velocity in self.optimizer._accumulators["velocity"].values():
                velocity.zero_()

    def resume(self, order):
        states = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = copy.deepcopy(self.optimizer.state_dict())
        optimizer = {"LR_Scheduler": optimizer["LR_Scheduler"]}  # each velocity has been cleared
        if order == "built-late":
            self.renew(self.base_lr)  # an optimizer cannot be made without a rate
            self.optimizer.set_state_dict(optimizer)
            self.schedulers = list(map(self.built, self.builders))
            self.use(self.current)
        else:
            self.build()
        for scheduler, state in zip(self.schedulers, states):
            scheduler.set_state_dict(state)
        if order == "right":
            self.optimizer.set_state_dict(optimizer)

    def resume_index(self, index):
        self.build(index)

    def set(self, rate):
        self.scheduler.last_lr = rate

    def multiply(self, factor):
        self.scheduler.last_lr *= factor


class Float32(Float64):
    """A session with float32 as the default dtype and that of the parameters."""

    dtype = "float32"


class Static(Float64):
    """A session in a static program, each run of which is fed the scheduler's rate."""

    def __init__(self, source, base_lr):
        paddle.enable_static()
        super().__init__(source, base_lr)

    def renew(self, rate):
        """Make a new program, with the same names as the previous one, as a new process would."""
        self.program, startup = paddle.static.Program(), paddle.static.Program()
        with paddle.utils.unique_name.guard(), paddle.static.program_guard(self.program, startup):
            gradient = paddle.static.data("gradient", [SLOTS], self.dtype)
            names = ["w{}".format(index) for index in range(len(self.factors))]
            weights = [
                paddle.create_parameter([SLOTS], self.dtype, attr=paddle.ParamAttr(n, ZERO, f))
                for n, f in zip(names, self.factors)
            ]
            loss = sum((weight * gradient).sum() for weight in weights)
            self.optimizer = paddle.optimizer.SGD(rate)
            self.optimizer.minimize(loss)
        self.executor = paddle.static.Executor()
        self.executor.run(startup)
        scope = paddle.static.global_scope()
        self.values = [scope.find_var(weight.name).get_tensor() for weight in weights]

    def update(self, slot):
        self.executor.run(self.program, feed={"gradient": ROWS[slot]})

    def applied(self, count):
        zeros = ROWS[0] * 0
        found = [(zeros - value)[:count].tolist() for value in self.values]
        for value in self.values:
            value.set(zeros, paddle.CPUPlace())
        return found

    def resume(self, order):
        """Load the program's state instead of the optimizer's.

        A program is made with its scheduler, so "built-late" only loads the scheduler's state late.
        """
        states = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        with tempfile.TemporaryDirectory() as folder:
            paddle.static.save(self.program, folder + "/program")
            self.build()
            if order == "built-late":
                paddle.static.load(self.program, folder + "/program", self.executor)
            for scheduler, state in zip(self.schedulers, states):
                scheduler.set_state_dict(state)
            if order == "right":
                paddle.static.load(self.program, folder + "/program", self.executor)


MODES = {"paddle": Float64, "paddle-float32": Float32, "paddle-static": Static}


def Session(mode, source, base_lr):
    """Return the session of *mode*."""
    return MODES[mode](source, base_lr)
