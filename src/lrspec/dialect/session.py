"""A run of a framework's model, with the interface of a worker's session (`worker/session.py`)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lrspec.bindings.tree import Call, Function, Variable
from lrspec.dialect.log import current, departs
from lrspec.dialect.tensor import filled
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.unparse import python_of


class Optimizer:
    """Parameter groups, as dictionaries of their options; and the classes of their framework."""

    def __init__(
        self,
        groups: Sequence[Mapping[str, Any]],
        classes: Mapping[str, type],
    ) -> None:
        self.param_groups = [{"momentum": 0, **group} for group in groups]
        self.classes = classes
        #: Whether the current step was called with an index.
        self.jumped = False
        #: The scheduler whose constructor takes a step now.
        self.built: Any = None

    def state_dict(self) -> list[dict[str, Any]]:
        return copy.deepcopy(self.param_groups)

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        self.param_groups[:] = state


class Groups:
    """Schedulers that set the rates of an optimizer's parameter groups."""

    framework = ""
    index = "last_epoch"
    late_group = ""
    applies_float32 = False

    def __init__(
        self, classes: Mapping[str, type], tree: Call, base_lr: Sequence[float], mode: str
    ) -> None:
        self.classes, self.base_lr, self.mode = classes, base_lr, mode
        self.log = current()
        self.kept: list[list[float]] = []
        self.trees = [tree]
        self.current = 0
        self.renew([{"lr": self.rate(lr)} for lr in base_lr])
        self.build()

    def rate(self, lr: float) -> Any:
        """Return *lr* as a group stores it."""
        return lr

    def renew(self, groups: Sequence[Mapping[str, Any]]) -> None:
        self.optimizer = Optimizer(groups, self.classes)

    def build(self, *index: int) -> None:
        self.schedulers = [self.instantiate(tree, *index) for tree in self.trees]
        self.use(self.current)

    def instantiate(self, tree: Call, *index: int) -> Any:
        """Return the scheduler that *tree* describes, built with *index* if there is one."""
        named = {self.index: index[0]} if index else {}
        return instantiate(tree, self.classes, self.optimizer, named)

    def also(self, tree: Call) -> None:
        self.trees.append(tree)
        self.schedulers.append(self.instantiate(tree))
        self.use(self.current)

    def use(self, j: int) -> None:
        self.current = j
        self.scheduler = self.schedulers[j]

    def rates(self) -> list[float]:
        self.log.row += 1
        return self.now()

    def state(self) -> list[Any]:
        return [scheduler.state_dict() for scheduler in self.schedulers]

    def logged(self) -> list[float] | None:
        get_last_lr = getattr(self.scheduler, "get_last_lr", None)
        try:
            return None if get_last_lr is None else list(get_last_lr())
        except AttributeError:  # it has none before its first step
            return None

    def now(self) -> list[float]:
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def momentum(self) -> list[float] | None:
        if any(map(_cycles_momentum, self.schedulers)):
            return [group["momentum"] for group in self.optimizer.param_groups]
        return None

    def readers(self) -> list[Callable[[], Any]]:
        return [self.scheduler.get_last_lr, self.scheduler.get_lr]

    def get_lr(self) -> list[float]:
        self.read()
        return list(map(float, self.scheduler.get_lr()))

    def read(self) -> None:
        """Record that a rate is read by get_lr()."""
        composed = hasattr(self.scheduler, "_schedulers") or hasattr(self.scheduler, "schedulers")
        departs(f"{self.framework}-get-lr-{'of-a-composition' if composed else 'takes-a-step'}")
        self.log.row += 1

    def update(self, _slot: int) -> None:
        self.kept.append(self.now())

    def step(self, *argument: float) -> None:
        self.scheduler.step(*argument)

    def applied(self, count: int) -> list[list[float]]:
        """Return the rates of the updates since the last call, one list per group."""
        rows, self.kept = self.kept[:count], []
        columns = [[row[i] if i < len(row) else 0.0 for row in rows] for i in range(len(rows[-1]))]
        if self.applies_float32 or self.mode.endswith("float32"):
            with np.errstate(over="ignore"):
                return [np.asarray(c, np.float32).astype(float).tolist() for c in columns]
        return columns

    def resume(self, order: str) -> None:
        schedulers = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = self.optimizer.state_dict()
        self.renew([{"lr": self.rate(lr)} for lr in self.base_lr])
        if order == "built-late":
            self.optimizer.load_state_dict(copy.deepcopy(optimizer))
        self.build()
        for scheduler, state in zip(self.schedulers, schedulers, strict=True):
            scheduler.load_state_dict(state)
        if order == "right":
            self.optimizer.load_state_dict(optimizer)
        elif order == "scheduler-only":
            departs(f"{self.framework}-state-without-optimizer")
        else:
            departs(f"{self.framework}-scheduler-built-late")

    def resume_index(self, index: int) -> None:
        self.renew([dict(group) for group in self.optimizer.param_groups])
        self.build(index)

    def set(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = filled(group["lr"], rate)

    def multiply(self, factor: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] *= factor

    def rebuild(self) -> None:
        self.schedulers[self.current] = self.instantiate(self.trees[self.current])
        self.use(self.current)

    def add_group(self, lr: float) -> None:
        departs(self.late_group or f"{self.framework}-late-group")
        self.optimizer.param_groups.append({"lr": self.rate(lr), "momentum": 0})


def instantiate(
    tree: Any, classes: Mapping[str, type], optimizer: Any, named: Mapping[str, Any] | None = None
) -> Any:
    """Return the value of *tree*: a scheduler, a list, the optimizer, a function or a number.

    *named* are further arguments of the outermost call.
    """
    if isinstance(tree, Call):
        given = {n: instantiate(value, classes, optimizer) for n, value in tree.arguments.items()}
        positional = [given.pop(name) for name in tree.positional]
        built = classes[tree.name](*positional, **given, **(named or {}))
        vars(built).update(tree.state)
        return built
    if isinstance(tree, (list, tuple)):
        return [instantiate(item, classes, optimizer) for item in tree]
    if isinstance(tree, Variable):
        return optimizer
    return _function(tree.formula) if isinstance(tree, Function) else tree


def _cycles_momentum(scheduler: Any) -> bool:
    members = getattr(scheduler, "_schedulers", ())
    return getattr(scheduler, "cycle_momentum", False) or any(map(_cycles_momentum, members))


def _function(formula: Formula) -> Callable[[Any], Any]:
    """Return *formula* as the function of t that the source contains."""
    code = compile(f"lambda t: {python_of(formula)}", "<lambda>", "eval")
    function: Callable[[Any], Any] = eval(code, {"math": math})  # noqa: S307 - unparsed from the formula's own allow list
    return function
