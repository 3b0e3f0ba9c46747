"""The reference engine: the rate of every step, by the closed forms of the specification.

Consecutive steps are computed by pieces, single steps in decimal arithmetic, and any other steps as
an array. Steps are processed in blocks that fit the processor's cache, so only the result grows
with their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.engine import one_step
from lrspec.engine.arrays import Curve, Rates, formula_curve, prepare
from lrspec.engine.pieces import LAST_STEP, Piece, pieces
from lrspec.errors import BadInput
from lrspec.spec.formula.decimals import decimal_context
from lrspec.spec.formula.functions import MOST_STEPS
from lrspec.spec.recipe import Recipe

__all__ = ["LAST_STEP", "Rates", "at", "blocks", "check_finite", "momentum", "of_step", "trace"]

_BLOCK = 1 << 14
#: A trace of at most so many steps is computed as an array of steps is, with the same rounding.
_SHORT = 512


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of the steps 0 … *steps* − 1: float64, a row per step, a column per group.

    Raises `BadInput` where a rate is not finite.
    """
    columns = np.empty((len(recipe.bases), _checked(recipe, steps)))
    for column, consecutive in zip(columns, _consecutive(recipe, steps), strict=True):
        consecutive.fill(column)
    return columns.T


def blocks(recipe: Recipe, steps: int, size: int) -> Iterator[Rates]:
    """Yield the rows of `trace` in order, in arrays of *size* rows; the last may be shorter.

    Raises `BadInput` where a rate is not finite.
    """
    groups = _consecutive(recipe, _checked(recipe, steps))
    for start in range(0, steps, size):
        columns = np.empty((len(groups), min(size, steps - start)))
        for column, consecutive in zip(columns, groups, strict=True):
            consecutive.fill(column)
        yield columns.T


def _checked(recipe: Recipe, steps: int) -> int:
    if not isinstance(steps, (int, np.integer)) or steps < 0:
        raise BadInput("steps", steps, "a whole number, 0 or more")
    if steps > MOST_STEPS:  # a state machine rejects so many steps before it runs any
        prepare(_groups(recipe)[0])(np.array([steps - 1.0]), recipe.bases[0])
    return steps


class _Consecutive:
    """The rates of one parameter group, from step 0 on, in as many parts as are asked for."""

    def __init__(self, recipe: Recipe, base: float, steps: int) -> None:
        self._recipe, self._base, self._step = recipe, base, 0
        is_short = steps <= _SHORT
        self._pieces = iter([Piece(0, steps)]) if is_short else pieces(recipe, base).until(steps)
        self._piece = Piece(0, 0)
        self._arrays: Curve | None = None

    def fill(self, rates: Rates) -> None:
        """Write the rates of the next steps to *rates*."""
        filled = 0
        with np.errstate(all="ignore"), decimal_context():  # what overflows is computed once more
            while filled < len(rates):
                if self._step == self._piece.stop:
                    self._piece = next(self._pieces)
                left = self._piece.stop - self._step
                block = rates[filled : filled + min(left, _BLOCK)]
                self._fill_block(block)
                self._step += len(block)
                filled += len(block)

    def _fill_block(self, rates: Rates) -> None:
        rate = self._piece.rate
        if rate is None:
            self._arrays = self._arrays or prepare(self._recipe)
            rates[:] = self._arrays(self._steps(len(rates)), self._base)
        elif isinstance(rate, float):
            rates[:] = rate
        else:
            rate.write(self._step - self._piece.start, rates)
        if not math.isfinite(np.add.reduce(rates)):  # a sum with a NaN or an infinity is not finite
            _recompute_overflow(self._recipe, self._steps(len(rates)), rates, self._base)

    def _steps(self, count: int) -> Rates:
        return np.arange(self._step, self._step + count, dtype=np.float64)


def _consecutive(recipe: Recipe, steps: int) -> list[_Consecutive]:
    pairs = zip(_groups(recipe), recipe.bases, strict=True)
    return [_Consecutive(group, base, steps) for group, base in pairs]


def at(recipe: Recipe, t: ArrayLike | float) -> Rates:
    """Return the rates of the steps *t*, a number or an array of any shape, fractions allowed.

    The result has the shape of *t* and one more axis, with one entry per group. The rates of a
    single number are correctly rounded, unless they are products of many factors; the errors of an
    array are within the `accuracy` of the schedules. Raises `BadInput` for a step that is negative,
    above 2**53 or not finite, and where a rate is not finite.
    """
    if isinstance(t, (int, float)) and 0 <= t <= LAST_STEP:
        return np.array(of_step(recipe, t))
    try:
        steps = np.asarray(t, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput("t", repr(t), "a number or an array of them") from error
    if not (np.isfinite(steps) & (steps >= 0) & (steps <= LAST_STEP)).all():
        raise BadInput("t", repr(t), "steps from 0 to 2**53")
    if steps.ndim == 0:
        return np.array(of_step(recipe, float(steps)))
    ascending, inverse = _ascending(steps.ravel())
    rates = _of_ascending(recipe, ascending)
    return rates[inverse].reshape(*steps.shape, len(recipe.bases))


def of_step(recipe: Recipe, t: float) -> list[float]:
    """Return the rates of step *t*, from 0 to 2**53, correctly rounded, one per parameter group.

    Products of more factors than are quickly computed so have the `accuracy` of an array. Raises
    `BadInput` where a rate is not finite.
    """
    pairs = zip(_groups(recipe), recipe.bases, strict=True)
    rates: list[float] = [one_step.rate(group, t, base) for group, base in pairs]
    if all(map(math.isfinite, rates)):
        return rates
    return [float(x) for x in _of_ascending(recipe, np.array([t], dtype=np.float64))[0]]


def _of_ascending(recipe: Recipe, steps: Rates) -> Rates:
    """Return the rates of ascending *steps*, a row per step."""
    rates = _of_groups(recipe, _curves(recipe), steps)
    for group, column, base in zip(_groups(recipe), rates.T, recipe.bases, strict=True):
        _recompute_overflow(group, steps, column, base)
    return rates


def _recompute_overflow(recipe: Recipe, t: Rates, rates: Rates, base: float) -> None:
    """Compute once more, without overflow on the way, each of *rates* that is not finite.

    Raises `BadInput` that names the first of the steps *t* whose rate is not finite even so.
    """
    if math.isfinite(rates.sum()):  # one pass: a sum with a NaN or an infinity is not finite
        return
    for index in np.flatnonzero(~np.isfinite(rates)):
        rates[index] = one_step.rate(recipe, float(t[index]), base)
        check_finite(t[index : index + 1], rates[index : index + 1])


@lru_cache(maxsize=64)
def _different_groups(recipe: Recipe) -> Sequence[Recipe]:
    """Return the recipe of each group, the same ones whenever they are asked for."""
    return recipe.groups()


def _groups(recipe: Recipe) -> Sequence[Recipe]:
    """Return the recipe of each parameter group: the same one unless a parameter differs."""
    return _different_groups(recipe) if recipe.group_counts else [recipe] * len(recipe.bases)


def _curves(recipe: Recipe) -> Sequence[Curve]:
    """Return the curve of each parameter group: the same one unless a parameter differs."""
    if recipe.group_counts:
        return [prepare(group) for group in recipe.groups()]
    return [prepare(recipe)] * len(recipe.bases)


def _of_groups(recipe: Recipe, curves: Sequence[Curve], t: Rates) -> Rates:
    """Return the *curves* of the groups at the steps *t*, in a last axis that is added."""
    rates = np.empty((*t.shape, len(recipe.bases)))
    with np.errstate(all="ignore"):
        for group, (curve, base) in enumerate(zip(curves, recipe.bases, strict=True)):
            rates[..., group] = curve(t, base)
    return rates


def _ascending(steps: Rates) -> tuple[Rates, NDArray[np.intp] | slice]:
    """Return the distinct *steps* in ascending order, and the index that restores *steps*."""
    if (steps[1:] > steps[:-1]).all():
        return steps, slice(None)
    ascending, inverse = np.unique(steps, return_inverse=True)
    return ascending, inverse


def momentum(recipe: Recipe, t: ArrayLike) -> Rates | None:
    """Return the momentum of the steps *t*, with the shape of `at`; None if it does not move."""
    moved = recipe.schedule.momentum
    if moved is None or not recipe.moves_momentum():
        return None
    curves = [formula_curve(group, moved.closed) for group in recipe.groups()]
    return _of_groups(recipe, curves, np.asarray(t, dtype=np.float64))


def check_finite(t: Rates, rates: Rates) -> None:
    """Raise `BadInput` that names the first of the steps *t* whose rate is not finite."""
    if math.isfinite(rates.sum()):  # one pass: a sum with a NaN or an infinity is not finite
        return
    finite = np.isfinite(rates)
    if not finite.all():
        step = t[np.argmin(finite)]
        raise BadInput("$", f"no finite rate at step {step:.17g}", "a finite rate at every step")
