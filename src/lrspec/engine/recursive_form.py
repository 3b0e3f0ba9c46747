"""The recursive form: the rate of a step from the rate of the step before.

It is generic over the arithmetic: the checks of the specification run it with fifty digits, and
show where it equals the closed form on an undisturbed run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial, reduce
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, check_finite
from lrspec.engine.state_machine import Trajectory
from lrspec.engine.timeline import Part, Timeline, timeline
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.functions import SCALAR
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe

#: From the previous rate, the recipe's own step and the base rate to the rate of that step. At step
#: 0 the previous rate is the base rate, or the rate after the earlier members of a chain.
Recurrence = Callable[[Any, Any, Any], Any]
#: From a recipe to its own closed form (t, base) and its own recurrence, if it has one.
Forms = Callable[[Recipe], tuple[Callable[[Any, Any], Any], Recurrence | None]]


def has_recursive_form(recipe: Recipe) -> bool:
    """Return whether the specification defines each rate from the one before."""
    kind = timeline(recipe).kind
    if kind == "leaf":
        return own_next(recipe) is not None
    return kind != "chain" or all(map(has_recursive_form, recipe.members()))


def own_next(recipe: Recipe) -> Formula | None:
    """Return the formula of the schedule itself for a rate from the one before, if it has one."""
    condition = recipe.schedule.next_when
    holds = condition is None or all(
        value(condition, group.values(base))
        for group, base in zip(recipe.groups(), recipe.bases, strict=True)
    )
    return recipe.schedule.next if holds else None


def scalar_forms(recipe: Recipe) -> tuple[Callable[[Any, Any], Any], Recurrence | None]:
    """Return the own forms of *recipe* on Python numbers."""
    schedule = recipe.schedule
    if schedule.closed is None:
        run = cache(partial(Trajectory, recipe))
        return lambda t, base: run(base).until(t)[int(t)], None
    names = cache(partial(recipe.bound, table=SCALAR))
    own = schedule.compiled(schedule.closed, SCALAR)

    def closed(t: Any, base: Any) -> Any:
        return own(t, base, **names(base))

    formula = own_next(recipe)
    if formula is None:
        return closed, None
    step = schedule.compiled(formula, SCALAR, "prev")
    return closed, lambda prev, t, base: step(prev, t, base, **names(base))


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of the steps 0 … *steps* − 1, one row per step, one column per group.

    Raises `BadInput` where the schedule has no recursive form, or a rate is not finite.
    """
    if not has_recursive_form(recipe):
        reason = recipe.schedule.document.get("no_recursive_form", "not for these parameters")
        raise BadInput("$.schedule", recipe.kind, f"one with a recursive form ({reason})")
    rates: Rates = iterate(recipe, steps).astype(np.float64)
    for column in rates.T:
        check_finite(np.arange(steps, dtype=np.float64), column)
    return rates


def iterate(recipe: Recipe, steps: int, forms: Forms = scalar_forms) -> Any:
    """Return the rates of the steps 0 … *steps* − 1, in the arithmetic of *forms*.

    A member without a recursive form sets the rate by its closed form, as in a framework whose
    composed classes pass the rate from one to the next.
    """
    columns = []
    for group, base in zip(recipe.groups(), recipe.bases, strict=True):
        following, rate = recurrence(group, forms), base
        columns.append([rate := following(rate, t, base) for t in range(steps)])
    return np.array(columns).T.reshape(steps, len(columns))


def recurrence(
    recipe: Recipe, forms: Forms = scalar_forms, *, own_rates: bool = False
) -> Recurrence:
    """Return the recurrence of *recipe*.

    The members of a composition share one rate, as in one optimizer; with *own_rates* each member
    continues from the last rate that it set itself.
    """
    line = timeline(recipe)
    parts = [_part(recipe, part, forms, own_rates=own_rates) for part in line.parts]
    match line.kind:
        case "segments":
            return _segments(line, parts, forms)
        case "chain":
            return lambda prev, t, base: reduce(lambda rate, part: part(rate, t, base), parts, prev)
        case "epochs":
            restates = all(_restates(member, forms) for member in recipe.members())
            return _epochs(line.parts[0], parts[0], restates=restates)
    return _with_own_rate(parts[0]) if own_rates else parts[0]


def _part(
    recipe: Recipe, part: Part, forms: Forms = scalar_forms, *, own_rates: bool = False
) -> Recurrence:
    """Return the recurrence of one part of *recipe* from the part's own step and the base rate."""
    if part.member is not None:
        return recurrence(part.member, forms, own_rates=own_rates)
    if not part.own:
        return lambda _prev, _t, base: base
    closed, following = forms(recipe)
    if following is None:
        return lambda _prev, t, base: closed(t, base)
    return lambda prev, t, base: closed(0, prev) if t == 0 else following(prev, t, base)


def _with_own_rate(shared: Recurrence) -> Recurrence:
    last: list[Any] = []

    def following(_prev: Any, t: Any, base: Any) -> Any:
        last[:] = [shared(last[0] if last and t else base, t, base)]
        return last[0]

    return following


def _epochs(part: Part, member: Recurrence, *, restates: bool) -> Recurrence:
    """Return a recurrence that advances at the first step of each epoch.

    A member that *restates* its rate at every step may be entered at any step of an epoch.
    """

    def following(prev: Any, t: Any, base: Any) -> Any:
        return member(prev, part.local(t), base) if restates or t % part.stride == 0 else prev

    return following


def _restates(recipe: Recipe, forms: Forms) -> bool:
    """Return whether no part of *recipe* computes its rate from the one before."""
    own = recipe.schedule.closed is None or forms(recipe)[1] is None
    return own and all(_restates(member, forms) for member in recipe.members())


def _segments(line: Timeline, parts: list[Recurrence], forms: Forms) -> Recurrence:
    def entry(part: Part, inside: Recurrence) -> Recurrence:
        """Return what sets the first rate of *part*, whose own step need not be 0."""
        if part.member is None or part.offset == part.start:
            return inside
        return recurrence(part.member, lambda member: (forms(member)[0], None))

    entries = [entry(part, inside) for part, inside in zip(line.parts, parts, strict=True)]

    def following(prev: Any, t: Any, base: Any) -> Any:
        index = line.index_at(t)
        own = line.parts[index].local(t)
        if t == line.parts[index].start:
            return entries[index](base, own, base)
        return parts[index](prev, own, base)

    return following
