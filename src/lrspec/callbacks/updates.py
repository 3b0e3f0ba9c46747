"""The optimizer updates of a training run, each compared with a recipe after it was made."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from lrspec.dialect.rates import steps_of
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.following import (
    RecipeLike,
    different_groups,
    differing_parameters,
    for_groups,
    named,
    table,
)
from lrspec.port.scheduler import Scheduler
from lrspec.scenario.steps import Steps
from lrspec.spec.tolerance import Tolerance, tolerance_of
from lrspec.verdict.compare import compare, number, pair

_SHOWN = 4  # updates in a message, the last of which differs
_AT_FIRST = 1024  # rates that are computed at once; later twice as many as before
_NEAR = 1000  # steps before and after an update, of which one may have its rates


class Removable(Protocol):
    """A registered hook."""

    def remove(self) -> None:
        """Remove the hook."""


class Optimizer(Protocol):
    """A PyTorch optimizer."""

    param_groups: list[dict[str, Any]]

    def register_step_post_hook(self, hook: Any) -> Removable:
        """Call *hook* after each update that is made, which one that overflowed is not."""


class Updates:
    """The updates of one optimizer, compared with *recipe* until the first that differs.

    That one raises an `AssertionError` or, with *warn*, is a `UserWarning`. `step` is the recipe's
    step of the next update. Raises `BadInput` for an invalid recipe, and for one whose rates depend
    on metrics.
    """

    def __init__(self, recipe: RecipeLike, *, warn: bool = False) -> None:
        self._schedule, self._name = named(recipe)
        if self._schedule.recipe.schedule.machine is not None:
            kind = self._schedule.recipe.kind
            raise BadInput("recipe", kind, "a schedule whose rates do not depend on metrics")
        self._warn = warn
        self._hook: Removable | None = None
        self._meant = Steps(np.empty((0, 1)), None)
        self._peak = 0.0
        self._last: deque[Sequence[float]] = deque(maxlen=_SHOWN)
        self.step = 0

    def watch(
        self,
        optimizer: Optimizer,
        step: int,
        scheduler: Scheduler | None = None,
        advice: Sequence[str] = (),
    ) -> None:
        """Compare each update of *optimizer* from now on; the next one is *step* of the recipe.

        The message about the first that differs describes *scheduler* and ends with *advice*.
        """
        self.end()
        self.step = step
        self._last.clear()
        self._peak = float(np.abs(self._rates(step + 1)[: step + 1]).max(initial=0.0))

        def after_update(optimizer: Optimizer, *_: Any) -> None:
            lines = [*self._difference([group["lr"] for group in optimizer.param_groups])]
            self.step += 1
            if lines:
                self.end()
                if scheduler is not None:
                    lines += differing_parameters(scheduler, self._schedule)
                self._report("\n".join([*lines, *advice]))

        self._hook = optimizer.register_step_post_hook(after_update)

    def end(self) -> None:
        """Compare no more updates."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def _report(self, message: str) -> None:
        if not self._warn:
            raise AssertionError(message)
        warnings.warn(message, stacklevel=2)

    def _rates(self, count: int) -> Rates:
        """Return the recipe's rates of at least *count* steps, or until its framework raises."""
        if len(self._meant.rates) < count and not self._meant.error:
            steps = max(_AT_FIRST, 2 * len(self._meant.rates), count)
            self._meant = steps_of(self._schedule.recipe, range(steps))
        return self._meant.rates

    def _difference(self, rates: Sequence[Any]) -> Iterator[str]:
        """Yield how the *rates* of the last update differ from the recipe; nothing if they do not.

        Errors are relative to the peak up to this step.
        """
        step, known = self.step, len(self._rates(self.step + 1))
        used = [float(rate) for rate in rates]
        update = f"the training run does not follow {self._name}: update {step}"
        if step >= known:
            error = f"{self._schedule.recipe.dialect} raises {self._meant.error}"
            yield f"{update} uses {number(used[0])} where {error}"
            return
        if self._last and len(self._last[0]) != len(used):  # a group was added
            self._last.clear()
        self._last.append(used)
        observed = np.array(self._last)
        first = step + 1 - len(observed)
        expected = for_groups(self._schedule, self._meant.rates[first : step + 1], observed)
        message = different_groups(expected, observed)
        if message:
            yield message.replace("scheduler", "optimizer", 1)
            return
        self._peak = max(self._peak, float(np.abs(expected[-1]).max()))
        tolerance = tolerance_of("float32" if any(map(_is_float32, rates)) else "float64")
        if self._agree(expected[-1:], observed[-1:], tolerance):
            return
        uses, has = reversed(pair(expected[-1], observed[-1]))
        yield f"{update} uses {uses} where the recipe has {has}"
        yield from table(first, expected, observed, [step], "used")
        yield from self._other_step(observed[-1:], tolerance)

    def _agree(self, expected: Rates, observed: Rates, tolerance: Tolerance) -> bool:
        peak = np.full_like(observed, self._peak)
        right, used = (np.concatenate([peak, rates]) for rates in (expected, observed))
        return compare(right, used, tolerance).first is None

    def _other_step(self, used: Rates, tolerance: Tolerance) -> Iterator[str]:
        """Yield the nearest step of the recipe that has the rates *used*, if there is one."""
        first = max(self.step - _NEAR, 0)
        near = for_groups(self._schedule, self._meant.rates[first : self.step + _NEAR], used)
        same = [k for k, row in enumerate(near, first) if self._agree(row[None], used, tolerance)]
        if same:
            other = min(same, key=lambda k: abs(k - self.step))
            often = "less" if other < self.step else "more"
            question = f"was the scheduler stepped {often} often than the optimizer?"
            yield f"this is the recipe's rate of step {other}: {question}"


def _is_float32(rate: Any) -> bool:
    """Return whether *rate* is a tensor in single precision."""
    return str(getattr(rate, "dtype", "")).endswith("float32")
