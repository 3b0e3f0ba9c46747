"""What the sessions of several frameworks have in common; `session.py` documents the methods.

Runs in a framework's interpreter: standard library only, Python 3.8 syntax. A `worker.py` imports
this module as `_lrspec.optimized`.
"""
# ruff: noqa: D102

import copy
from typing import Any, Dict, List


def builder(source: str) -> Any:
    """Return the function `build_scheduler` of *source*."""
    names: Dict[str, Any] = {}
    exec(compile(source, "<scheduler>", "exec"), names)  # noqa: S102 - source that lrspec wrote
    return names["build_scheduler"]


def cycles_momentum(scheduler: Any) -> bool:
    """Return whether *scheduler*, or a member of it, changes the momentum."""
    members = getattr(scheduler, "_schedulers", ())
    return getattr(scheduler, "cycle_momentum", False) or any(map(cycles_momentum, members))


class Schedulers:
    """The schedulers that sources build, one of which is stepped.

    A framework adds `weights`, one per parameter group. After update k of a block, element k of a
    weight holds minus the applied rate.
    """

    weights: List[Any]

    def __init__(self, source: str) -> None:
        self.builders = [builder(source)]
        self.schedulers: List[Any] = []
        self.current = 0

    def built(self, build: Any, *index: int) -> Any:
        """Return the scheduler that *build* makes, with an index if one is given."""
        return build(*index)

    def use(self, j: int) -> None:
        self.current, self.scheduler = j, self.schedulers[j]

    def also(self, source: str) -> None:
        self.builders.append(builder(source))
        self.schedulers.append(self.built(self.builders[-1]))
        self.use(self.current)

    def rebuild(self) -> None:
        self.schedulers[self.current] = self.built(self.builders[self.current])
        self.use(self.current)

    def state(self) -> Any:
        return [getattr(scheduler, "state_dict", dict)() for scheduler in self.schedulers]

    def step(self, *argument: Any) -> None:
        self.scheduler.step(*argument)

    def applied(self, count: int) -> List[List[float]]:
        values = [weight.detach() for weight in self.weights]
        rates = [[-number for number in value[:count].tolist()] for value in values]
        for value in values:
            value.zero_()
        return rates


class Optimized(Schedulers):
    """The same, built on an optimizer whose parameter groups have their own rates.

    A framework adds `SGD`, `weight`, `readers`, `get_lr` and `update`.
    """

    SGD: Any

    def __init__(self, source: str, base_lr: List[float]) -> None:
        super().__init__(source)
        self.base_lr = base_lr
        self.renew([{"lr": self.rate(lr)} for lr in base_lr])
        self.build()

    def weight(self) -> Any:
        """Return a new weight of zeros."""
        raise NotImplementedError

    def rate(self, lr: float) -> Any:
        """Return *lr* as a group stores it."""
        return lr

    def renew(self, groups: List[Any]) -> None:
        """Make a new optimizer, with a new weight in each of *groups*."""
        self.weights = [self.weight() for _ in groups]
        pairs = zip(groups, self.weights)
        self.optimizer = self.SGD([dict(group, params=[weight]) for group, weight in pairs])

    def build(self, *index: int) -> None:
        """Build every scheduler again."""
        self.schedulers = [self.built(build, *index) for build in self.builders]
        self.use(self.current)

    def built(self, build: Any, *index: int) -> Any:
        return build(self.optimizer, *index)

    def use(self, j: int) -> None:
        super().use(j)
        self.cycles_momentum = any(map(cycles_momentum, self.schedulers))

    def rates(self) -> Any:
        return [group["lr"] for group in self.optimizer.param_groups]

    def logged(self) -> Any:
        get_last_lr = getattr(self.scheduler, "get_last_lr", None)
        try:
            return get_last_lr and list(get_last_lr())
        except AttributeError:  # it has none before its first step
            return None

    def momentum(self) -> Any:
        if self.cycles_momentum:
            return [group["momentum"] for group in self.optimizer.param_groups]
        return None

    def resume(self, order: str) -> None:
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

    def resume_index(self, index: int) -> None:
        self.renew([getattr(group, "options", group) for group in self.optimizer.param_groups])
        self.build(index)

    def set(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def multiply(self, factor: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] *= factor  # in place if it is a tensor

    def add_group(self, lr: float) -> None:
        self.weights.append(self.weight())
        self.optimizer.add_param_group({"params": self.weights[-1:], "lr": self.rate(lr)})
