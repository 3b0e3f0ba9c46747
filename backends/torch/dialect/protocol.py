"""How PyTorch steps, saves and composes its schedulers.

Derived from `torch/optim/lr_scheduler.py` of each minor release from 1.13 to 2.15. A scheduler
changes the `lr` of its optimizer's parameter groups; its state is all of its attributes except the
optimizer.
"""

from __future__ import annotations

import bisect
import math
from pathlib import Path
from runpy import run_path
from typing import Any

from packaging.version import Version

from lrspec.dialect.functions import raised
from lrspec.dialect.log import departs
from lrspec.dialect.session import Groups, Optimizer
from lrspec.dialect.tensor import Tensor, cloned, filled

VERSIONS = ">=1.13,<2.16"
NEWEST = "2.15.0"
#: The release that this module is loaded for, which the loader sets; None: for its range alone.
VERSION: Version | None = globals().get("VERSION")


def since(release: str) -> bool:
    """Return whether the release is *release* or a later one."""
    return VERSION is None or Version(release) <= VERSION


BASE = "LRScheduler"
FIRST = ("optimizer",)
LAST = {"last_epoch": "-1"} if since("2.7") else {"last_epoch": "-1", "verbose": "False"}
SUPER = ("optimizer", "last_epoch")
ALIASES = {
    "t": "last_epoch",
    "building": "building",
    "initial": "initial",
    "step_count": "_step_count",
    "jumped": "jumped",
}
ATTRIBUTES = frozenset({"optimizer", "base_lrs", "last_epoch", "_last_lr", "verbose"})
STRICT = since("2.10")  # zip(strict=True): a group that was added late raises
GROUPS = {
    "lr": ("group", "lr"),
    "base_lr": ("self", "base_lrs"),
    "multiplier": ("self", "lr_lambdas"),
}
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "next": ("get_lr", ()),
    "closed": ("_get_closed_form_lr", ()),
    "advance": ("advance", ()),
    "jump": ("jump", ("epoch",)),
    "scale": ("scale", ("x",)),
    "anneal": ("anneal", ("start", "end", "share")),
    "learn": ("learn", ("metric",)),
}


def per_group(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return *value* as a list, one entry per group; raises `ValueError` for another length."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count and not since("2.4"):
        raise ValueError(f"expected {count} values for {name}, got {len(value)}")
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. "
            f"{name} has {len(value)} values, param_groups has {count}."
        )
    return list(value)


def phases(ends: list[float]) -> list[dict[str, Any]]:
    """Return the phases of OneCycleLR as it stores them, which end at *ends*."""
    rates = ["initial_lr", "max_lr", "initial_lr", "min_lr"]
    momenta = ["max_momentum", "base_momentum", "max_momentum", "max_momentum"]
    if len(ends) == 2:
        rates = ["initial_lr", "max_lr", "min_lr"]
    return [
        {
            "end_step": end,
            "start_lr": rates[index],
            "end_lr": rates[index + 1],
            "start_momentum": momenta[index],
            "end_momentum": momenta[index + 1],
        }
        for index, end in enumerate(ends)
    ]


FUNCTIONS = {
    "chosen": lambda function: function.strategy,
    "function": lambda kind, strategy: type(kind, (), {"strategy": strategy})(),
    "filled": filled,
    "weak_method": lambda: WeakMethod(),  # noqa: PLW0108 - it is defined below
    "ends": lambda phases: [phase["end_step"] for phase in phases],
    "phases": phases,
    "groups": lambda optimizer: len(optimizer.param_groups),
    "lrs": lambda optimizer: [group["lr"] for group in optimizer.param_groups],
    "momenta": lambda optimizer: [group["momentum"] for group in optimizer.param_groups],
    "per_group": per_group,
}


class WeakMethod:
    """A weak reference in a scheduler's state, which cannot be copied."""

    def __deepcopy__(self, _: Any) -> Any:
        departs("torch-cyclic-state-with-weak-reference")
        raise TypeError("cannot pickle 'WeakMethod' object")


#: Attributes with functions, which are not saved.
_FUNCTIONS = ("lr_lambdas", "_scale_fn_custom") if since("2.2") else ("lr_lambdas",)


class State:
    """A scheduler's state: all attributes except the optimizer; a function is saved as None."""

    optimizer: Optimizer

    def state_dict(self) -> dict[str, Any]:
        saved = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return {n: _without_functions(v) if n in _FUNCTIONS else v for n, v in saved.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update({n: value for n, value in state.items() if n not in _FUNCTIONS})


def _without_functions(value: Any) -> Any:
    return [None] * len(value) if isinstance(value, list) else None


class Scheduler(State):
    """The base of all schedulers of PyTorch: their state and their rates."""

    _last_lr: list[float]

    def get_last_lr(self) -> list[float]:
        if not hasattr(self, "_last_lr"):
            departs("torch-plateau-without-last-lr")
        return self._last_lr

    def get_lr(self) -> list[float]:
        raise NotImplementedError


class LRScheduler(Scheduler):
    """The base class: the constructor takes a step itself."""

    last_epoch: float
    fills = since("2.4")  # a tensor rate in place

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                lr = group["lr"]
                group.setdefault("initial_lr", cloned(lr) if since("2.4") else _shared(lr))
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{index}]")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        if last_epoch != -1:
            departs("torch-index-takes-a-step")
        if not hasattr(self, "_schedule_phases"):
            _check_base_rate(optimizer)
        if not since("2.7"):
            self.verbose = False
        self._initial_step()

    @property
    def jumped(self) -> bool:
        """Whether the current step was called with an index."""
        return self.optimizer.jumped

    @property
    def building(self) -> bool:
        """Whether the current step is the one that the constructor takes."""
        return self.optimizer.built is self

    @property
    def initial(self) -> bool:
        """Whether the current step is taken for the initial one."""
        return self.building if since("2.8") else self.last_epoch == 0

    def _initial_step(self) -> None:
        self._step_count = 0
        self.optimizer.built = self
        try:
            self.step()
        finally:
            self.optimizer.built = None
            if since("2.8"):
                self._is_initial = False

    def step(self, epoch: float | None = None) -> None:
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        self._get_lr_called_within_step = False
        self.optimizer.jumped = epoch is not None
        if epoch is None:
            self.last_epoch += 1
            values = self.get_lr()
        else:
            self.last_epoch = epoch
            values = getattr(self, "_get_closed_form_lr", self.get_lr)()
        self._set(values)

    def _set(self, values: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, values, strict=STRICT):
            group["lr"] = filled(group["lr"], lr) if self.fills else lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


def _shared(lr: Any) -> Any:
    """Return *lr*, and record the departure if it is a tensor, which two names now share."""
    if isinstance(lr, Tensor):
        departs("torch-tensor-base-rate-shared")
    return lr


def _check_base_rate(optimizer: Optimizer) -> None:
    """Record the departure if OneCycleLR has overwritten the base rate."""
    if any("min_lr" in group for group in optimizer.param_groups):
        departs("torch-one-cycle-base-rate")


class Restarts(LRScheduler):
    """CosineAnnealingWarmRestarts: its own step() counts within the cycle."""

    fills = since("2.10")

    def step(self, epoch: float | None = None) -> None:
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.advance()
        else:
            self.jump(epoch)
        self.last_epoch = math.floor(epoch)
        self._get_lr_called_within_step = False
        self._set(self.get_lr())


class Plateau(Scheduler if since("2.2") else State):
    """ReduceLROnPlateau: not stepped by its constructor, and stepped with a metric."""

    def __init__(self, optimizer: Optimizer) -> None:
        if not since("2.7"):
            self.verbose = False

    def step(self, metrics: float, epoch: float | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.learn(metrics)


class Composition(Scheduler):
    """A scheduler that contains others; its state contains theirs."""

    _schedulers: list[Any]

    def state_dict(self) -> dict[str, Any]:
        state = {n: v for n, v in vars(self).items() if n not in ("optimizer", "_schedulers")}
        return {**state, "_schedulers": [member.state_dict() for member in self._schedulers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        own = {name: value for name, value in state.items() if name != "_schedulers"}
        vars(self).update(own)
        for index, saved in enumerate(state["_schedulers"]):
            self._schedulers[index].load_state_dict(saved)


class SequentialLR(Composition):
    """Members that run one after another; each is built, and so stepped, before this class."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[Any],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        _check_members(self, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than "
                "the number of milestone points, but got number of schedulers "
                f"{len(schedulers)} and the number of milestones to be equal to {len(milestones)}"
            )
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group["lr"] = _shared(group["initial_lr"])
        _check_base_rate(optimizer)
        self._undo(self)
        if last_epoch != -1:
            departs("torch-sequence-index")
        first = bisect.bisect_right(milestones, 0)
        if first and not since("2.13"):
            departs("torch-sequence-begins-with-its-first-member")
            first = 0
        member = schedulers[first]
        if isinstance(member, Composition):
            departs("torch-sequence-begins-with-a-composition")
        member._initial_step()
        self._last_lr = member.get_last_lr()

    def _undo(self, scheduler: Any) -> None:
        """Undo the last step of every member that is not a composition; before 2.6, of each."""
        if isinstance(scheduler, Composition) and (since("2.6") or scheduler is self):
            for member in scheduler._schedulers:
                self._undo(member)
        else:
            if isinstance(scheduler, Composition):
                departs("torch-sequence-undoes-one-level")
            scheduler.last_epoch -= 1

    def step(self) -> None:
        self.last_epoch += 1
        index = bisect.bisect_right(self._milestones, self.last_epoch)
        member = self._schedulers[index]
        if index > 0 and self._milestones[index - 1] == self.last_epoch:
            if isinstance(member, Composition):
                departs(f"torch-sequence-member-without-{'update' if since('2.9') else 'index'}")
            if since("2.9"):
                member._update_lr(0)
            else:
                member.step(0)
        else:
            member.step()
        self._last_lr = member.get_last_lr()

    building, initial = LRScheduler.building, LRScheduler.initial
    _initial_step = LRScheduler._initial_step
    _update_lr = LRScheduler._update_lr


class ChainedScheduler(Composition):
    """Members that all change the optimizer's rate at every step, one after another."""

    def __init__(self, schedulers: list[Any], optimizer: Optimizer | None = None) -> None:
        _check_members(self, schedulers)
        departs("torch-chain-on-one-rate")
        self._schedulers = schedulers
        self.optimizer = optimizer or schedulers[0].optimizer
        self._last_lr = [group["lr"] for group in schedulers[-1].optimizer.param_groups]

    def step(self) -> None:
        for member in self._schedulers:
            member.step()
        self._last_lr = [group["lr"] for group in self._schedulers[-1].optimizer.param_groups]

    building, initial = LRScheduler.building, LRScheduler.initial
    _initial_step = LRScheduler._initial_step
    _update_lr = LRScheduler._update_lr


def _check_members(composition: Any, schedulers: list[Any]) -> None:
    if not since("2.4"):
        return
    name = type(composition).__name__
    for index, member in enumerate(schedulers):
        if isinstance(member, Plateau):
            message = f"{name} does not support `ReduceLROnPlateau` scheduler .* {index} .*"
            raise raised("ValueError", message)


CLASSES = {
    "SequentialLR": SequentialLR,
    "ChainedScheduler": ChainedScheduler,
    # lrspec's own class, written into the source where PyTorch has none; executed unchanged.
    "SetByHand": run_path(str(Path(__file__).parent.parent / "set_by_hand.py"))["SetByHand"],
}


class Session(Groups):
    """A run in PyTorch."""

    framework = "torch"
    late_group = "torch-late-group" if since("2.10") else "torch-late-group-skipped"

    def rate(self, lr: float) -> Any:
        # From 2.10 on, schedulers copy tensor rates: they are as numbers.
        return Tensor(lr) if self.mode == "torch-tensor" and not since("2.10") else lr

    def step(self, *argument: float) -> None:
        beside = len(self.schedulers) > 1 and isinstance(self.scheduler, self.classes["LambdaLR"])
        if beside and self.now() != self.scheduler.get_last_lr():
            departs("torch-lambda-from-base-rate")
        super().step(*argument)

    def resume_index(self, index: int) -> None:
        if index == -1:
            departs("torch-index-on-a-used-group")
        super().resume_index(index)
