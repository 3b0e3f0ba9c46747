"""The closed forms of a recipe as one function of an exact step, compiled once and kept.

The step is a number, in `one_step`, or all steps of a `Progression`, in `pieces`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any

from lrspec.engine.state_machine import Trajectory
from lrspec.engine.timeline import Part, timeline
from lrspec.spec.formula.curves import Curve, Irregular
from lrspec.spec.formula.decimals import exact
from lrspec.spec.formula.functions import Table
from lrspec.spec.recipe import Recipe

#: From a step and a base rate to the rate.
Rate = Callable[[Any, Any], Any]


@lru_cache(maxsize=256)
def compiled(recipe: Recipe, table: Table) -> Rate:
    """Return *recipe* as a function of a step and a base rate, in the arithmetic of *table*."""
    line = timeline(recipe)
    parts = [_part(recipe, part, table) for part in line.parts]
    if line.kind == "chain":
        return lambda t, base: reduce(lambda rate, part: part(t, rate), parts, base)
    if len(parts) == 1:
        return parts[0]
    starts, passed = line.starts, table.names["passed"]
    return lambda t, base: parts[passed(starts, t) - 1](t, base)


def _part(recipe: Recipe, part: Part, table: Table) -> Rate:
    if part.member is not None:
        rate = compiled(part.member, table)
    elif not part.own:
        return lambda _, base: base
    else:
        rate = _own(recipe, table)
    return rate if part.offset == 0 and part.stride == 1 else _later(rate, part)


def _later(rate: Rate, part: Part) -> Rate:
    return lambda t, base: rate(part.local(t), base)


def _own(recipe: Recipe, table: Table) -> Rate:
    closed = recipe.schedule.closed
    if closed is None:
        return _state_machine(recipe)
    function = recipe.schedule.compiled(closed, table)

    names = recipe.schedule.valued

    def bound(base: Any) -> tuple[Any, ...]:
        values = recipe.bound(base, table)
        return tuple(exact(values[name]) for name in names)

    if not recipe.follows_base_lr:
        values = bound(None)
        return lambda t, base: function(t, base, *values)
    kept = lru_cache(maxsize=1)(bound)
    return lambda t, base: function(t, base, *kept(base))


def _state_machine(recipe: Recipe) -> Rate:
    def rate(t: Any, base: Any) -> float:
        if isinstance(t, Curve):
            raise Irregular
        return Trajectory(recipe, float(base)).until(float(t))[int(t)]

    return rate
