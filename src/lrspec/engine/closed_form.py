"""The reference engine: the rate of every step, by the closed forms of the specification.

Each part of a composition is evaluated at its own steps only. Steps are processed in blocks that
fit the processor's cache, so only the result grows with their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial, reduce
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.engine import one_step
from lrspec.engine.state_machine import Trajectory
from lrspec.engine.timeline import Part, Timeline, timeline
from lrspec.errors import BadInput
from lrspec.spec.formula.functions import ARRAY, MOST_STEPS
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe

Rates = NDArray[np.float64]
#: From ascending steps and base rates (one number, or one per step) to the rates of a recipe.
Curve = Callable[[Rates, Any], Any]

_BLOCK = 1 << 14
LAST_STEP = 2**53


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of the steps 0 … *steps* − 1: float64, a row per step, a column per group.

    Raises `BadInput` where a rate is not finite.
    """
    if not isinstance(steps, (int, np.integer)) or steps < 0:
        raise BadInput("steps", steps, "a whole number, 0 or more")
    groups, curves = _groups(recipe), _curves(recipe)
    bases = recipe.bases
    if steps > MOST_STEPS:  # a state machine rejects so many steps before it runs any
        curves[0](np.array([steps - 1.0]), bases[0])
    columns = np.empty((len(bases), steps))
    with np.errstate(all="ignore"):  # what overflows is computed once more
        for start in range(0, steps, _BLOCK):
            t = np.arange(start, min(start + _BLOCK, steps), dtype=np.float64)
            for group, curve, column, base in zip(groups, curves, columns, bases, strict=True):
                block = column[start : start + _BLOCK]
                block[:] = curve(t, base)
                _recompute_overflow(group, t, block, base)
    return columns.T


def at(recipe: Recipe, t: ArrayLike) -> Rates:
    """Return the rates of the steps *t*, a number or an array of any shape, fractions allowed.

    The result has the shape of *t* and one more axis, with one entry per group. The rates of a
    single number are correctly rounded, unless they are products of many factors; the errors of an
    array are within the `accuracy` of the schedules. Raises `BadInput` for a step that is negative,
    above 2**53 or not finite, and where a rate is not finite.
    """
    try:
        steps = np.asarray(t, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput("t", repr(t), "a number or an array of them") from error
    if not (np.isfinite(steps) & (steps >= 0) & (steps <= LAST_STEP)).all():
        raise BadInput("t", repr(t), "steps from 0 to 2**53")
    if steps.ndim == 0:
        pairs = zip(_groups(recipe), recipe.bases, strict=True)
        rates = np.array([one_step.rate(group, float(steps), base) for group, base in pairs])
        if np.isfinite(rates).all():
            return rates
    ascending, inverse = _ascending(steps.ravel())
    rates = _of_groups(recipe, _curves(recipe), ascending)
    for group, column, base in zip(_groups(recipe), rates.T, recipe.bases, strict=True):
        _recompute_overflow(group, ascending, column, base)
    return rates[inverse].reshape(*steps.shape, len(recipe.bases))


def _recompute_overflow(recipe: Recipe, t: Rates, rates: Rates, base: float) -> None:
    """Compute once more, without overflow on the way, each of *rates* that is not finite.

    Raises `BadInput` that names the first of the steps *t* whose rate is not finite even so.
    """
    if math.isfinite(rates.sum()):  # one pass: a sum with a NaN or an infinity is not finite
        return
    for index in np.flatnonzero(~np.isfinite(rates)):
        rates[index] = one_step.rate(recipe, float(t[index]), base)
        check_finite(t[index : index + 1], rates[index : index + 1])


def _groups(recipe: Recipe) -> Sequence[Recipe]:
    """Return the recipe of each parameter group: the same one unless a parameter differs."""
    return recipe.groups() if recipe.group_counts else [recipe] * len(recipe.bases)


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
    curves = [_formula(group, moved.closed) for group in recipe.groups()]
    return _of_groups(recipe, curves, np.asarray(t, dtype=np.float64))


def check_finite(t: Rates, rates: Rates) -> None:
    """Raise `BadInput` that names the first of the steps *t* whose rate is not finite."""
    if math.isfinite(rates.sum()):  # one pass: a sum with a NaN or an infinity is not finite
        return
    finite = np.isfinite(rates)
    if not finite.all():
        step = t[np.argmin(finite)]
        raise BadInput("$", f"no finite rate at step {step:.17g}", "a finite rate at every step")


def prepare(recipe: Recipe) -> Curve:
    """Return *recipe* as a function of ascending steps and base rates."""
    line = timeline(recipe)
    curves = [_part(recipe, part) for part in line.parts]
    if line.kind == "chain":
        return lambda t, base: reduce(lambda rate, curve: curve(t, rate), curves, base)
    return curves[0] if len(curves) == 1 else _segments(line, curves)


def _part(recipe: Recipe, part: Part) -> Curve:
    if part.member is None and not part.own:
        return lambda _, base: base
    closed = recipe.schedule.closed
    if part.member is not None:
        curve = prepare(part.member)
    else:
        curve = _state_machine(recipe) if closed is None else _formula(recipe, closed)
    if part.offset == 0 and part.stride == 1:
        return curve
    return lambda t, base: curve(part.local(t), base)


def _formula(recipe: Recipe, formula: Formula) -> Curve:
    function = recipe.schedule.compiled(formula, ARRAY)
    return lambda t, base: function(t, base, **recipe.bound(base, ARRAY))


def _state_machine(recipe: Recipe) -> Curve:
    trajectory = cache(partial(Trajectory, recipe))

    def curve(t: Rates, base: Any) -> Any:
        rates = np.array(trajectory(base).until(float(t[-1]) if t.size else 0))
        return rates[np.floor(t).astype(np.int64)]

    return curve


def _segments(line: Timeline, parts: list[Curve]) -> Curve:
    def curve(t: Rates, base: Any) -> Any:
        if t.size == 0:
            return t
        first, last = (line.index_at(float(end)) for end in (t[0], t[-1]))
        if first == last:
            return parts[first](t, base)
        rates = np.empty(t.shape)
        bounds = [0, *np.searchsorted(t, line.starts[first + 1 : last + 1]).tolist(), t.size]
        for index, (a, b) in enumerate(pairwise(bounds), start=first):
            if a < b:
                rates[a:b] = parts[index](t[a:b], base[a:b] if np.ndim(base) else base)
        return rates

    return curve
