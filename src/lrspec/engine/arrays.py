"""The closed forms of a recipe on arrays of ascending steps.

Each part of a composition is evaluated at its own steps only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial, reduce
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.state_machine import Trajectory
from lrspec.engine.timeline import Part, Timeline, timeline
from lrspec.spec.formula.functions import ARRAY
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe

Rates = NDArray[np.float64]
#: From ascending steps and base rates (one number, or one per step) to the rates of a recipe.
Curve = Callable[[Rates, Any], Any]


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
        curve = _state_machine(recipe) if closed is None else formula_curve(recipe, closed)
    if part.offset == 0 and part.stride == 1:
        return curve
    return lambda t, base: curve(part.local(t), base)


def formula_curve(recipe: Recipe, formula: Formula) -> Curve:
    """Return one *formula* of the schedule of *recipe* as a function of steps and base rates."""
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
