"""The reference engine: what the rate of every step is, by the closed forms of the specification.

A composition is evaluated on each member's own stretch only. Steps are worked through in blocks
that fit the processor's cache, so that nothing but the result grows with their number.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.state_machine import Walked
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import Function, array_of_t
from lrspec.spec.formula.functions import WALKED
from lrspec.spec.recipe import Recipe

Rates = NDArray[np.float64]
#: A recipe made ready: from ascending steps and base rates (a number, or one a step) to rates.
Curve = Callable[[Rates, Any], Any]

_BLOCK = 1 << 16
_LAST_STEP = 2**53


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of the steps 0 … *steps* − 1: float64, a row a step, a column a group.

    Raises `BadInput` where the schedule has no finite rate.
    """
    if not isinstance(steps, (int, np.integer)) or steps < 0:
        raise BadInput("steps", steps, "a whole number, 0 or more")
    curve = prepare(recipe)
    bases = recipe.bases
    if steps > WALKED:  # what must be walked says so before it is
        curve(np.array([steps - 1.0]), bases[0])
    columns = np.empty((len(bases), steps))
    with np.errstate(all="ignore"):  # what has no finite rate is refused by its step
        for start in range(0, steps, _BLOCK):
            t = np.arange(start, min(start + _BLOCK, steps), dtype=np.float64)
            for column, base in zip(columns, bases, strict=True):
                block = column[start : start + _BLOCK]
                block[:] = curve(t, base)
                check_finite(t, block)
    return columns.T


def at(recipe: Recipe, t: Any) -> Rates:
    """Return the rates of the steps *t*, a number or an array of any shape, fractions allowed.

    The result has the shape of *t* and a last axis more, of one entry a group. Raises `BadInput`
    for a step that is negative, above 2**53 or not finite, and where there is no finite rate.
    """
    try:
        steps = np.asarray(t, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput("t", repr(t), "a number or an array of them") from error
    if not (np.isfinite(steps) & (steps >= 0) & (steps <= _LAST_STEP)).all():
        raise BadInput("t", repr(t), "steps from 0 to 2**53")
    ascending, back = _ascending(steps.ravel())
    rates = np.empty((ascending.size, len(recipe.bases)))
    curve = prepare(recipe)
    with np.errstate(all="ignore"):
        for column, base in zip(rates.T, recipe.bases, strict=True):
            column[:] = curve(ascending, base)
            check_finite(ascending, column)
    return rates[back].reshape(*steps.shape, len(recipe.bases))


def _ascending(steps: Rates) -> tuple[Rates, NDArray[np.intp] | slice]:
    """Return each of *steps* once, in order, and what brings them back."""
    if (steps[1:] > steps[:-1]).all():
        return steps, slice(None)
    ascending, back = np.unique(steps, return_inverse=True)
    return ascending, back


def below(recipe: Recipe, t: Rates) -> Rates:
    """Return the closed form of the steps *t*, taken as it stands before step 0.

    A row a step and a column a group, NaN where there is no such form; the specification speaks of
    no step before 0.
    """
    found = np.full((t.size, len(recipe.bases)), np.nan)
    if recipe.schedule.closed is None or recipe.schedule.composition is not None:
        return found
    with np.errstate(all="ignore"):
        for group, base in enumerate(recipe.bases):
            found[:, group] = prepare(recipe)(t, base)
    return found


def momentum(recipe: Recipe, t: Any) -> Rates | None:
    """Return the momentum of the steps *t*, shaped as `at` shapes rates; None if it is not moved.

    Raises `BadInput` as `at` does.
    """
    if not recipe.moves_momentum():
        return None
    steps = np.asarray(t, dtype=np.float64)
    curve = _closed(recipe, recipe.schedule.momentum_array)
    found = np.empty((*steps.shape, len(recipe.bases)))
    with np.errstate(all="ignore"):
        for group, base in enumerate(recipe.bases):
            found[..., group] = curve(steps, base)
    return found


def check_finite(t: Rates, rates: Rates) -> None:
    """Raise `BadInput` that names the first of the steps *t* whose rate is not finite."""
    if math.isfinite(rates.sum()):  # one pass: no sum with a NaN or an infinity in it is finite
        return
    good = np.isfinite(rates)
    if not good.all():
        step = t[np.argmin(good)]
        raise BadInput("$", f"no finite rate at step {step:.17g}", "a finite rate at every step")


def prepare(recipe: Recipe) -> Curve:
    """Return *recipe* as a function of ascending steps and base rates."""
    composition = recipe.schedule.composition
    if composition is None:
        return _leaf(recipe)
    if composition["operator"] == "pipeline":
        return _pipeline([prepare(member) for member in recipe.given[composition["members"]]])
    if composition["operator"] == "held":
        return _held(prepare(recipe.given[composition["member"]]), recipe.held())
    return _segments(*_stretches(recipe, composition))


def _leaf(recipe: Recipe) -> Curve:
    schedule = recipe.schedule
    if schedule.machine is not None:
        return _walked(recipe)
    return _closed(recipe, schedule.closed_array)


def _closed(recipe: Recipe, function: Function) -> Curve:
    formulas = {name: array_of_t(formula) for name, formula in recipe.formulas().items()}
    fixed = recipe.values(None) | formulas if not recipe.defaults_read_base_lr() else None

    def curve(t: Rates, base: Any) -> Any:
        values = recipe.values(base) | formulas if fixed is None else fixed
        return function(t, base, **values)

    return curve


def _walked(recipe: Recipe) -> Curve:
    walks: dict[float, Walked] = {}

    def curve(t: Rates, base: Any) -> Any:
        if t.size == 0:
            return t
        walk = walks.setdefault(base, Walked(recipe, base))
        rates = np.array(walk.until(float(t[-1])))
        return rates[np.floor(t).astype(np.int64)]

    return curve


def _pipeline(members: list[Curve]) -> Curve:
    def curve(t: Rates, base: Any) -> Any:
        for member in members:
            base = member(t, base)
        return base

    return curve


def _held(member: Curve, count: int) -> Curve:
    return lambda t, base: member(np.floor_divide(t, count), base)


def _base(_: Rates, base: Any) -> Any:
    return base


def _stretches(recipe: Recipe, composition: Any) -> tuple[list[Curve], list[int], bool]:
    """Return the members of a composition, the first step of each, and whether time is local."""
    values = recipe.values(1.0)
    if "members" in composition:
        members = [prepare(member) for member in recipe.given[composition["members"]]]
        local = values[composition["time"]] == "local"
        return members, recipe.starts(), local
    after = recipe.given.get(composition["then"])
    following = prepare(after) if after is not None else _base
    return [_leaf(recipe), following], recipe.starts(), True


def _segments(members: list[Curve], starts: list[int], local: bool) -> Curve:  # noqa: FBT001
    def curve(t: Rates, base: Any) -> Any:
        if t.size == 0:
            return t
        low, high = (bisect.bisect_right(starts, float(end)) - 1 for end in (t[0], t[-1]))
        if low == high:
            return members[low](t - float(starts[low]) if local and low else t, base)
        result = np.empty(t.shape)
        edges = [0, *np.searchsorted(t, starts[low + 1 : high + 1]).tolist(), t.size]
        for index, (a, b) in enumerate(pairwise(edges), start=low):
            if a < b:
                own = t[a:b] - float(starts[index]) if local else t[a:b]
                result[a:b] = members[index](own, base[a:b] if np.ndim(base) else base)
        return result

    return curve
