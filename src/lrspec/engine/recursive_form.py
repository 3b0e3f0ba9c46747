"""The recursive form: the rate of a step from the rate of the step before.

On an undisturbed run it equals the closed form, in exact arithmetic, wherever `forms_agree`. The
walk is generic over the arithmetic, so that the specification's own checks run the same walk in
fifty digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, check_finite
from lrspec.engine.state_machine import Walked
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import scalar_of_t, value
from lrspec.spec.recipe import Recipe

#: From the rate before, the member's own step and the base rate to the rate of that step. At step
#: 0 the rate before is the base rate, or what the members before it in a chain made of it.
Walk = Callable[[Any, Any, Any], Any]
#: From a recipe that is no composition to its closed form (t, base) and its walk, if it has one.
Forms = Callable[[Recipe], tuple[Callable[[Any, Any], Any], Walk | None]]


def has_recursive_form(recipe: Recipe) -> bool:
    """Tell whether the rate of a step follows from the rate before, by the specification."""
    schedule = recipe.schedule
    if schedule.composition is None:
        return goes_on(recipe)
    if schedule.composition["operator"] == "pipeline":
        return all(has_recursive_form(member) for member in recipe.members())
    return True


def goes_on(recipe: Recipe) -> bool:
    """Tell whether the schedule's own formulas make a rate from the one before."""
    condition = recipe.schedule.next_when
    holds = condition is None or all(value(condition, recipe.values(b)) for b in recipe.bases)
    return recipe.schedule.next is not None and holds


def forms_agree(recipe: Recipe) -> bool:
    """Tell whether both forms give one curve in exact arithmetic, on an undisturbed run."""
    composition = recipe.schedule.composition
    if composition is not None and composition["operator"] == "pipeline":
        return all(_is_factor(member) for member in recipe.members())
    return all(forms_agree(member) for member in recipe.members())


def _is_factor(recipe: Recipe) -> bool:
    """Tell whether each step of a chain's member only multiplies, and restates nothing."""
    composition, following = recipe.schedule.composition, recipe.schedule.next
    if not (has_recursive_form(recipe) and recipe.scales_with_base() and forms_agree(recipe)):
        return False
    if composition is not None:
        return bool(composition["operator"] == "pipeline")
    return following is not None and "base_lr" not in following.names


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of the steps 0 … *steps* − 1 by the recursive form, a column a group.

    Raises `BadInput` where the schedule has no such form.
    """
    if not has_recursive_form(recipe):
        reason = recipe.schedule.document.get("no_recursive_form", "not for these parameters")
        raise BadInput("$.schedule", recipe.kind, f"one with a recursive form ({reason})")
    rates: Rates = walked(recipe, steps).astype(np.float64)
    for column in rates.T:
        check_finite(np.arange(steps, dtype=np.float64), column)
    return rates


def walked(recipe: Recipe, steps: int, forms: Forms | None = None) -> Any:
    """Return the rates of a walk: a member without a recursive form sets the rate, by its closed.

    That is how a framework whose classes pass the rate on from one to the next composes them.
    """
    columns = []
    for base in recipe.bases:
        walk = walk_of(recipe, forms or scalar_forms)
        rate: Any = base
        column = []
        for t in range(steps):
            rate = walk(rate, t, base)
            column.append(rate)
        columns.append(column)
    return np.array(columns).T.reshape(steps, len(columns))


def walk_of(recipe: Recipe, forms: Forms, *, own_rates: bool = False) -> Walk:
    """Return *recipe* as a walk.

    The members of a composition pass one running rate on, as in an optimizer that they share; with
    *own_rates* each goes on from the rate that it made itself the last time.
    """
    composition = recipe.schedule.composition
    if composition is None:
        return _own(recipe, forms) if own_rates else _leaf(recipe, forms)
    members = [walk_of(member, forms, own_rates=own_rates) for member in recipe.members()]
    if composition["operator"] == "pipeline":
        return _pipeline(members)
    if composition["operator"] == "held":
        return _held(recipe.held(), members[0], restates=_restates(recipe, forms))
    return _segments(recipe, composition, forms, members)


def _own(recipe: Recipe, forms: Forms) -> Walk:
    shared = _leaf(recipe, forms)
    last: list[Any] = []

    def walk(_prev: Any, t: Any, base: Any) -> Any:
        rate = shared(last[0] if last and t else base, t, base)
        last[:] = [rate]
        return rate

    return walk


def _leaf(recipe: Recipe, forms: Forms) -> Walk:
    closed, following = forms(recipe)
    if following is None:
        return lambda _prev, t, base: closed(t, base)
    return lambda prev, t, base: closed(0, prev) if t == 0 else following(prev, t, base)


def _pipeline(members: list[Walk]) -> Walk:
    def walk(prev: Any, t: Any, base: Any) -> Any:
        for member in members:
            prev = member(prev, t, base)
        return prev

    return walk


def _held(count: int, member: Walk, *, restates: bool) -> Walk:
    """Return a walk that goes on once in *count* steps; what *restates* may be asked at any."""

    def walk(prev: Any, t: Any, base: Any) -> Any:
        return member(prev, t // count, base) if restates or t % count == 0 else prev

    return walk


def _restates(recipe: Recipe, forms: Forms) -> bool:
    """Tell whether no part of *recipe* makes its rate from the one before."""
    own = recipe.schedule.closed is None or forms(recipe)[1] is None
    return own and all(_restates(member, forms) for member in recipe.members())


def _segments(recipe: Recipe, composition: Any, forms: Forms, members: list[Walk]) -> Walk:
    starts, local = recipe.starts(), True
    if "members" in composition:
        local = recipe.values(1.0)[composition["time"]] == "local"
    else:
        members = [_leaf(recipe, forms), *(members or [lambda _prev, _t, base: base])]

    def restating(member: Recipe) -> tuple[Callable[[Any, Any], Any], None]:
        return forms(member)[0], None

    entering = members if local else [walk_of(member, restating) for member in recipe.members()]

    def walk(prev: Any, t: Any, base: Any) -> Any:
        index = max(i for i, start in enumerate(starts) if start <= t)
        own = t - starts[index] if local else t
        if t == starts[index]:
            return entering[index](base, own, base)
        return members[index](prev, own, base)

    return walk


def scalar_forms(recipe: Recipe) -> tuple[Callable[[Any, Any], Any], Walk | None]:
    """Return the forms of *recipe* on Python numbers."""
    schedule = recipe.schedule
    if schedule.machine is not None:
        walks: dict[Any, Walked] = {}
        return lambda t, base: walks.setdefault(base, Walked(recipe, base)).until(t)[int(t)], None
    formulas = {name: scalar_of_t(formula) for name, formula in recipe.formulas().items()}
    known: dict[Any, dict[str, Any]] = {}

    def values(base: Any) -> dict[str, Any]:
        if base not in known:
            known[base] = recipe.values(base) | formulas
        return known[base]

    def closed(t: Any, base: Any) -> Any:
        return schedule.closed_scalar(t, base, **values(base))

    def following(prev: Any, t: Any, base: Any) -> Any:
        return schedule.next_scalar(prev, t, base, **values(base))

    return closed, following if goes_on(recipe) else None
