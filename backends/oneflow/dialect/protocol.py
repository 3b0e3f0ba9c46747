"""How OneFlow steps, saves and composes its schedulers.

Derived from `oneflow/nn/optimizer/` of 0.9.0. Every class but the plateau computes its rate from
a base rate and a step, `get_lr(base_lr, step)`; compositions call it on their members and never
step them.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np

from lrspec.bindings.tree import Call
from lrspec.dialect.functions import Abort
from lrspec.dialect.log import departs
from lrspec.dialect.session import Groups, Optimizer

VERSIONS = ">=0.9,<0.10"
NEWEST = "0.9.0"
BASE = "LRScheduler"
FIRST = ("optimizer",)
LAST = {"last_step": "-1", "verbose": "False"}
SUPER = ("optimizer", "last_step", "verbose")
ALIASES: dict[str, str] = {}
ATTRIBUTES = frozenset({"optimizer", "base_lrs", "last_step", "verbose", "_last_lr"})
GROUPS = {"lr": ("group", "lr")}
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rate": ("get_lr", ("base_lr", "t")),
    "compiled": ("compiled", ("base_lr", "t")),
    "learn": ("learn", ("metric",)),
}
FUNCTIONS = {
    "groups": lambda optimizer: len(optimizer.param_groups),
    "increasing": lambda values: all(a < b for a, b in pairwise(values)),
    "integers": lambda values: all(isinstance(value, int) for value in values),
    "lrs": lambda optimizer: [group["lr"] for group in optimizer.param_groups],
}


class Scheduler:
    """The base of all schedulers of OneFlow: all attributes but the optimizer are their state."""

    optimizer: Optimizer
    _last_lr: list[float]

    def state_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


class LRScheduler(Scheduler):
    """The base class: the constructor takes a step itself."""

    last_step: int

    def __init__(self, optimizer: Optimizer, last_step: int = -1, verbose: bool = False) -> None:
        self.optimizer = optimizer
        self.last_step = last_step
        self.verbose = verbose
        self._init_base_lrs()
        if last_step != -1:
            departs("oneflow-index-takes-a-step")
        self.step()

    def _init_base_lrs(self) -> None:
        for index, group in enumerate(self.optimizer.param_groups):
            if self.last_step == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{index}] when resuming "
                    "an optimizer"
                )
        self.base_lrs = [group["initial_lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        return self._last_lr

    def get_lr(self, base_lr: float, t: float) -> float:
        departs("oneflow-member-without-get-lr")
        raise NotImplementedError

    def compiled(self, base_lr: float, t: int) -> float:
        """Return the rate that the C++ of an `nn.Graph` computes."""
        departs("oneflow-member-without-get-lr")
        raise NotImplementedError

    def step(self) -> None:
        self.last_step += 1
        self.update_lrs([self.get_lr(base_lr, self.last_step) for base_lr in self.base_lrs])

    def update_lrs(self, rates: list[float]) -> None:
        """Set as many groups as there are rates: a group that was added late has none."""
        self._last_lr = []
        for group, rate in zip(self.optimizer.param_groups, rates, strict=False):
            group["lr"] = rate
            self._last_lr.append(rate)


class Lambda(LRScheduler):
    """LambdaLR: it overrides step(), and has no `get_lr` for a composition to call."""

    def step(self) -> None:
        self.last_step += 1
        pairs = zip(self.lr_lambdas, self.base_lrs, strict=False)
        self.update_lrs([base_lr * factor(self.last_step) for factor, base_lr in pairs])

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in state.items() if name != "lr_lambdas"})


class Plateau(Scheduler):
    """ReduceLROnPlateau: not stepped by its constructor, and stepped with a metric."""

    def __init__(self, optimizer: Optimizer) -> None:
        pass

    def step(self, metrics: float) -> None:
        self.last_step = self.last_step + 1
        self.learn(metrics)


class Composition(LRScheduler):
    """A scheduler that contains others; its state contains theirs."""

    schedulers: list[Any]

    def state_dict(self) -> dict[str, Any]:
        members = [member.state_dict() for member in self.schedulers]
        return {**super().state_dict(), "schedulers": members}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in state.items() if name != "schedulers"})
        for index, saved in enumerate(state["schedulers"]):
            self.schedulers[index].load_state_dict(saved)


class SequentialLR(Composition):
    """Members that run one after another; by default they count from the start of the run."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[Any],
        milestones: list[int],
        interval_rescaling: Any = False,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than "
                "the number of milestone points, but got number of schedulers "
                f"{len(schedulers)} and the number of milestones to be equal to {len(milestones)}"
            )
        if not isinstance(interval_rescaling, list):
            interval_rescaling = [interval_rescaling] * len(milestones)
        self.schedulers = list(schedulers)
        self.milestones = list(milestones)
        self.interval_rescaling = list(interval_rescaling)
        if not all(interval_rescaling):
            departs("oneflow-sequence-global-time")
        super().__init__(optimizer, last_step, verbose)

    def step(self) -> None:
        self.last_step += 1
        step = self.last_step
        index = bisect.bisect_right(self.milestones, step)
        if index > 0 and self.interval_rescaling[index - 1]:
            step -= self.milestones[index - 1]
        member = self.schedulers[index]
        member.last_step = step
        self.update_lrs([member.get_lr(base_lr, step) for base_lr in self.base_lrs])

    def compiled(self, base_lr: float, t: int) -> float:
        index = bisect.bisect_right(self.milestones, t)
        rescaled = index > 0 and self.interval_rescaling[index - 1]
        step = t - self.milestones[index - 1] if rescaled else t
        return self.schedulers[index].compiled(base_lr, step)  # type: ignore[no-any-return]


class ChainedScheduler(Composition):
    """Members that each use the rate of the previous member as their base rate."""

    def __init__(self, schedulers: list[Any]) -> None:
        if any(not isinstance(member, LRScheduler) for member in schedulers):
            raise ValueError("ChainedScheduler expects a list of schedulers")
        self.schedulers = list(schedulers)
        super().__init__(schedulers[0].optimizer)

    def step(self) -> None:
        self.last_step += 1
        rates = self.schedulers[0].base_lrs.copy()
        for member in self.schedulers:
            rates = [member.get_lr(rate, self.last_step) for rate in rates]
            member.last_step = self.last_step
        self.update_lrs(rates)


class WarmupLR(SequentialLR):
    """A line or a constant, then a scheduler that counts from the start of the run."""

    def __init__(
        self,
        scheduler_or_optimizer: Any,
        warmup_factor: float = 1.0 / 3,
        warmup_iters: int = 5,
        warmup_method: str = "linear",
        warmup_prefix: bool = False,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        inner = scheduler_or_optimizer if isinstance(scheduler_or_optimizer, LRScheduler) else None
        if inner is None and not isinstance(scheduler_or_optimizer, Optimizer):
            raise ValueError(
                "'scheduler_or_optimizer' must be a LRScheduler or an Optimizer, but got "
                f"{type(scheduler_or_optimizer)}"
            )
        if warmup_method not in ("linear", "constant"):
            raise ValueError(
                f"'warmup_method' must be 'linear' or 'constant', but got {warmup_method}"
            )
        if inner is None and warmup_iters == 0:
            raise ValueError(
                "When 'scheduler_or_optimizer' is an optimizer warmup_iters can't be equal to 0"
            )
        self.warmup_factor = warmup_factor
        self.warmup_iters = warmup_iters
        self.warmup_method = warmup_method
        self.warmup_prefix = warmup_prefix
        if warmup_factor == 1.0 / 3:
            departs("oneflow-warmup-start")
        if inner is not None and not warmup_prefix:
            departs("oneflow-warmup-global-time")
        self.optimizer = inner.optimizer if inner else scheduler_or_optimizer
        self.last_step = last_step
        self.verbose = verbose
        self._init_base_lrs()
        warmup = self._warmup(inner) if warmup_iters > 0 else None
        members = [member for member in (warmup, inner) if member is not None]
        between = [self.warmup_iters] if len(members) > 1 else []
        rescaled = [self.warmup_prefix] if len(members) > 1 else []
        if not members:
            raise ValueError("No scheduler can work")
        super().__init__(self.optimizer, members, between, rescaled, self.last_step, verbose)

    def _warmup(self, inner: Any) -> Any:
        given = (self.optimizer, self.warmup_factor)
        if self.warmup_method == "constant":
            constant = self.optimizer.classes["ConstantLR"]
            return constant(*given, self.warmup_iters, self.last_step, self.verbose)
        end_factor = 1.0
        if inner and self.warmup_prefix is False:
            base_lr = self.base_lrs[0]
            if not np.isclose(self.base_lrs, base_lr).all():
                departs("oneflow-warmup-groups")
                raise ValueError(
                    "The param_groups in optimizer have different warmup configs, please use "
                    "different optimizers."
                )
            end_factor = inner.get_lr(base_lr, self.warmup_iters) / base_lr
        linear = self.optimizer.classes["LinearLR"]
        return linear(*given, end_factor, self.warmup_iters, self.last_step, self.verbose)


CLASSES = {
    "SequentialLR": SequentialLR,
    "ChainedScheduler": ChainedScheduler,
    "WarmupLR": WarmupLR,
    # lrspec's own class, written into the source where OneFlow has none; executed unchanged.
    "SetByHand": run_path(str(Path(__file__).parent.parent / "set_by_hand.py"))["SetByHand"],
}


class Eager(Groups):
    """A run in eager OneFlow, which applies every rate as a float32."""

    framework = "oneflow"
    index = "last_step"
    applies_float32 = True

    def get_lr(self) -> list[float]:
        step = self.scheduler.last_step
        rates = [self.scheduler.get_lr(base_lr, step) for base_lr in self.scheduler.base_lrs]
        self.log.row += 1
        return rates

    def readers(self) -> list[Any]:
        return [self.scheduler.get_last_lr, self.get_lr]


class Graph(Groups):
    """A run in an `nn.Graph`: a base rate is a float32, computed in doubles, applied as a float32.

    Derived from `oneflow/core/kernel/learning_rate_schedule_kernel.cpp`.
    """

    framework = "oneflow"
    index = "last_step"
    applies_float32 = True

    def __init__(
        self, classes: Mapping[str, type], tree: Call, base_lr: Sequence[float], mode: str
    ) -> None:
        super().__init__(classes, tree, base_lr, mode)
        groups = self.optimizer.param_groups
        self.bases = [float(np.float32(group.get("initial_lr", group["lr"]))) for group in groups]
        self.t = 0
        for scheduler in _leaves(self.scheduler):
            with suppress(Abort, ArithmeticError):  # these come when it is evaluated
                scheduler.compiled(self.bases[0], 0)
        self.compiled()

    def compiled(self) -> list[float]:
        return [self.scheduler.compiled(base, self.t) for base in self.bases]

    def rates(self) -> None:  # type: ignore[override]
        """Return None: a graph reports no rates."""

    def update(self, _slot: int) -> None:
        self.kept.append(self.compiled())
        self.t += 1

    def step(self) -> None:  # type: ignore[override]
        """Do nothing: the graph has already counted its call."""


def _leaves(scheduler: Any) -> list[Any]:
    """Return the schedulers in *scheduler*, or itself: a graph is compiled from all of them."""
    if not isinstance(scheduler, Composition):
        return [scheduler]
    return [leaf for member in scheduler.schedulers for leaf in _leaves(member)]


def Session(  # noqa: N802
    classes: Mapping[str, type], tree: Call, base_lr: Sequence[float], mode: str
) -> Groups:
    """Return the session of *mode*."""
    return (Graph if mode == "oneflow-graph" else Eager)(classes, tree, base_lr, mode)
