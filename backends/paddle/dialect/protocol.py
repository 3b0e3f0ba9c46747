"""How Paddle steps, saves and nests its schedulers.

Derived from `paddle/optimizer/lr.py` of 3.3.1. A scheduler holds one rate, `last_lr`; each
parameter group multiplies it by its own `learning_rate`. Its state is the attributes that
`state_keys()` names, and nothing else.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lrspec.bindings.tree import Call
from lrspec.dialect.log import current, departs
from lrspec.dialect.session import instantiate

VERSIONS = ">=3.3,<3.4"
NEWEST = "3.3.1"
BASE = "LRScheduler"
FIRST = ()
LAST = {"last_epoch": "-1", "verbose": "False"}
SUPER = ("learning_rate", "last_epoch")
ALIASES = {"t": "last_epoch", "starting": "starting", "jumped": "jumped"}
ATTRIBUTES = frozenset({"base_lr", "last_lr", "last_epoch"})
GROUPS: dict[str, tuple[str, str]] = {}
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "next": ("get_lr", ()),
    "closed": ("_get_closed_form_lr", ()),
    "advance": ("advance", ()),
    "jump": ("jump", ("epoch",)),
    "scale": ("scale", ("x",)),
    "anneal": ("anneal", ("start", "end", "share")),
    "learn": ("learn", ("metric",)),
    "better": ("better", ("metric",)),
    "inner": ("inner_rate", ()),
}


class LRScheduler:
    """The base class: the constructor takes a step itself."""

    KEYS: tuple[str, ...] = ("last_epoch", "last_lr")
    last_epoch: float
    last_lr: float
    #: Whether the current step is the constructor's, and whether it was called with an index.
    starting = jumped = False

    def __init__(self, learning_rate: float = 0.1, last_epoch: int = -1) -> None:
        if not isinstance(learning_rate, (float, int)):
            kind = type(learning_rate)
            raise TypeError(f"The type of learning rate must be float, but received {kind}")
        if learning_rate < 0:
            raise ValueError(f"Invalid learning rate: {learning_rate}")
        self.base_lr = float(learning_rate)
        self.last_lr = float(learning_rate)
        self.last_epoch = last_epoch
        if last_epoch != -1:
            departs("paddle-index-takes-a-step")
        self.starting = True
        self.step()
        self.starting = False

    def __call__(self) -> float:
        return self.last_lr

    def step(self, epoch: float | None = None) -> None:
        self.jumped = epoch is not None
        if epoch is None:
            self.last_epoch += 1
            self.last_lr = self.get_lr()
        else:
            self.last_epoch = epoch
            self.last_lr = getattr(self, "_get_closed_form_lr", self.get_lr)()

    def get_lr(self) -> float:
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        return {key: vars(self)[key] for key in self.KEYS if key in vars(self)}

    def set_state_dict(self, state: Mapping[str, Any]) -> None:
        for key in self.KEYS:
            if key not in state:
                raise RuntimeError(
                    "Please check whether state_dict is correct for optimizer. "
                    f"Can't find [ {key} ] in state_dict"
                )
            vars(self)[key] = state[key]


class Warmup(LRScheduler):
    """LinearWarmup: it jumps its inner scheduler to the step after the warmup."""

    learning_rate: Any
    warmup_steps: int

    def inner_rate(self) -> float:
        if isinstance(self.learning_rate, LRScheduler):
            step = self.last_epoch - self.warmup_steps
            if step == self.learning_rate.last_epoch and step > 0:
                departs("paddle-warmup-advanced-by-get-lr")
            self.learning_rate.step(step)
            return self.learning_rate()
        return self.learning_rate  # type: ignore[no-any-return]

    def state_dict(self) -> dict[str, Any]:
        if isinstance(self.learning_rate, LRScheduler):
            return {**super().state_dict(), "LinearWarmup_LR": self.learning_rate.state_dict()}
        return super().state_dict()

    def set_state_dict(self, state: Mapping[str, Any]) -> None:
        super().set_state_dict(state)
        if isinstance(self.learning_rate, LRScheduler):
            self.learning_rate.set_state_dict(state["LinearWarmup_LR"])


class Restarts(LRScheduler):
    """CosineAnnealingWarmRestarts: its own step() counts within the cycle."""

    def step(self, epoch: float | None = None) -> None:
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.advance()
        else:
            self.jump(epoch)
        self.last_epoch = math.floor(epoch)
        self.last_lr = self.get_lr()


class Plateau(LRScheduler):
    """ReduceOnPlateau: not stepped by its constructor, and stepped with a metric."""

    KEYS = ("cooldown_counter", "best", "num_bad_epochs", "last_epoch", "last_lr")

    def __init__(self, learning_rate: float) -> None:
        pass

    def step(self, metrics: float, epoch: float | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.learn(metrics)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "increasing": lambda values: all(a < b for a, b in pairwise(values)),
    "is_scheduler": lambda value: isinstance(value, LRScheduler),
}
CLASSES: dict[str, type] = {}


class Session:
    """A run in Paddle: one scheduler's rate, and a factor for each group."""

    index = "last_epoch"

    def __init__(
        self, classes: Mapping[str, type], tree: Call, base_lr: Sequence[float], mode: str
    ) -> None:
        self.classes, self.mode = classes, mode
        self.log = current()
        self.factors = [lr / base_lr[0] for lr in base_lr]
        if self.mode == "paddle-static" and any(f != float(np.float32(f)) for f in self.factors):
            departs("paddle-group-factor-float32")
        self.trees = [tree]
        self.current = 0
        self.kept: list[float] = []
        self.build()

    def build(self, *index: int) -> None:
        self.schedulers = [self.instantiate(tree, *index) for tree in self.trees]
        self.use(self.current)

    def instantiate(self, tree: Call, *index: int) -> Any:
        named = {self.index: index[0]} if index else {}
        return instantiate(tree, self.classes, None, named)

    def also(self, tree: Call) -> None:
        self.trees.append(tree)
        self.schedulers.append(self.instantiate(tree))

    def use(self, j: int) -> None:
        self.current = j
        self.scheduler = self.schedulers[j]

    def rates(self) -> list[float]:
        self.log.row += 1
        return [self.scheduler() * factor for factor in self.factors]

    def state(self) -> list[Any]:
        return [scheduler.state_dict() for scheduler in self.schedulers]

    def momentum(self) -> None:
        """Return None: no scheduler of Paddle changes the momentum."""

    def readers(self) -> list[Callable[[], Any]]:
        return [self.scheduler, self.scheduler.get_lr, self.scheduler]

    def get_lr(self) -> list[float]:
        departs("paddle-get-lr-takes-a-step")
        self.log.row += 1
        rate = self.scheduler.get_lr()
        return [rate * factor for factor in self.factors]

    def update(self, _slot: int) -> None:
        self.kept.append(self.scheduler())

    def applied(self, count: int) -> list[list[float]]:
        rows, self.kept = self.kept[:count], []
        if self.mode == "paddle-float32":
            rates = np.asarray(rows, np.float32)
            return [(rates * np.float32(f)).astype(float).tolist() for f in self.factors]
        if self.mode == "paddle-static":  # a program keeps a group's factor as a float32
            return [[rate * float(np.float32(f)) for rate in rows] for f in self.factors]
        return [[rate * factor for rate in rows] for factor in self.factors]

    def step(self, *argument: float) -> None:
        self.scheduler.step(*argument)

    def resume(self, order: str) -> None:
        states = copy.deepcopy([scheduler.state_dict() for scheduler in self.schedulers])
        optimizer = copy.deepcopy(self.scheduler.state_dict())
        self.build()
        for scheduler, state in zip(self.schedulers, states, strict=True):
            scheduler.set_state_dict(state)
        if isinstance(self.scheduler, Restarts):
            departs("paddle-restarts-state")
        if order == "right":
            self.scheduler.set_state_dict(optimizer)

    def resume_index(self, index: int) -> None:
        self.build(index)

    def set(self, rate: float) -> None:
        if any(factor != 1 for factor in self.factors):
            departs("paddle-set-by-factor")
        self.scheduler.last_lr = rate

    def multiply(self, factor: float) -> None:
        self.scheduler.last_lr *= factor

    def rebuild(self) -> None:
        self.schedulers[self.current] = self.instantiate(self.trees[self.current])
        self.use(self.current)
