"""PaddlePaddle's worker: a live optimizer and its schedulers, and the rates that they use.

Element k of a weight has a gradient of one at update k of a block and of zero at every other, so
that after it, it holds minus the applied rate, exactly: it was zero before. Paddle keeps the
applied rate in the default dtype.
"""

import copy
import tempfile

import paddle

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


def builder(source):
    """Return the function `build_scheduler` of *source*."""
    names = {}
    exec(compile(source, "<scheduler>", "exec"), names)
    return names["build_scheduler"]


class Float64:
    """The schedulers that the sources build, and an optimizer with a weight a parameter group."""

    dtype = "float64"
    leads = False

    def __init__(self, source, base_lr):
        paddle.set_default_dtype(self.dtype)
        self.gradients = GRADIENTS[self.dtype]
        self.base_lr = float(base_lr[0])
        self.factors = [lr / base_lr[0] for lr in base_lr]
        self.builders = [builder(source)]
        self.current = 0
        self.build()

    def build(self, *index):
        self.schedulers = [build(*index) for build in self.builders]
        self.scheduler = self.schedulers[self.current]
        self.renew(self.scheduler)

    def renew(self, rate):
        """Make a new optimizer with *rate*, a scheduler or a number, and new weights."""
        self.weights = [
            paddle.create_parameter([SLOTS], self.dtype, default_initializer=ZERO)
            for _ in self.factors
        ]
        self.values = [weight.detach() for weight in self.weights]
        groups = [{"params": [w], "learning_rate": f} for w, f in zip(self.weights, self.factors)]
        self.leads = hasattr(rate, "follow")
        if self.leads:
            self.optimizer = paddle.optimizer.Momentum(rate, momentum=0.0, parameters=groups)
            rate.follow(self.optimizer)
        else:
            self.optimizer = paddle.optimizer.SGD(rate, groups)

    def also(self, source):
        self.builders.append(builder(source))
        self.schedulers.append(self.builders[-1]())

    def use(self, j):
        self.current = j
        self.scheduler = self.schedulers[j]
        self.optimizer.set_lr_scheduler(self.scheduler)

    def rates(self):
        rate = self.scheduler()
        if self.leads:
            return [rate * weight.optimize_attr["learning_rate"] for weight in self.weights]
        return [rate * factor for factor in self.factors]

    def momentum(self):
        """No scheduler of Paddle's own moves it; a source may bring one that does."""
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
            weight.grad = self.gradients[slot]
        self.optimizer.step()
        if self.leads:  # the first update under a momentum is one without it
            for velocity in self.optimizer._accumulators["velocity"].values():
                velocity.zero_()

    def step(self, *argument):
        self.scheduler.step(*argument)

    def applied(self, count):
        found = [(-value.numpy()[:count]).tolist() for value in self.values]
        for value in self.values:
            value.zero_()
        return found

    def resume(self, order):
        states = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = copy.deepcopy(self.optimizer.state_dict())
        optimizer = {"LR_Scheduler": optimizer["LR_Scheduler"]}  # each velocity has been cleared
        if order == "built-late":
            self.renew(self.base_lr)  # an optimizer has a rate, were it only for the time being
            self.optimizer.set_state_dict(optimizer)
            self.schedulers = [build() for build in self.builders]
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

    def rebuild(self):
        self.schedulers[self.current] = self.builders[self.current]()
        self.use(self.current)


class Float32(Float64):
    """The same with float32 as the default dtype and that of the parameters."""

    dtype = "float32"


class Static(Float64):
    """The same in a static program, each of whose runs is fed the scheduler's rate."""

    def __init__(self, source, base_lr):
        paddle.enable_static()
        super().__init__(source, base_lr)

    def renew(self, rate):
        """Make a new program, with the names of the one before, as in a process of its own."""
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
        """Load the program's state in the optimizer's place; a program is made with its scheduler.

        So "built-late" is late in loading the scheduler's state, as late as can be.
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
