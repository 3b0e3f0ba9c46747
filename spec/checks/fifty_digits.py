"""The specification's formulas in fifty-digit arithmetic, independent of NumPy.

Compositions are evaluated here, too, without `lrspec.engine.timeline`, which the checks thus test.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from functools import cache
from typing import Any

from mpmath import mp, mpf

from lrspec.engine.recursive_form import own_next
from lrspec.engine.state_machine import State, metric_at
from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.functions import SCALAR, Table
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Composition

mp.dps = 50

TABLE = Table(
    {
        **SCALAR.names,
        "pi": mp.pi,
        "ceil": mp.ceil,
        "cos": mp.cos,
        "exp": mp.exp,
        "floor": mp.floor,
        "log": mp.log,
        "log1p": mp.log1p,
        "sin": mp.sin,
        "sqrt": mp.sqrt,
        "passed": lambda points, t: bisect.bisect_right(list(map(mpf, points)), t),
        "__divide": lambda a, b: mpf(a) / b,
        "__floor_divide": lambda a, b: mp.floor(mpf(a) / b),
        "__modulo": lambda a, b: mpf(a) - b * mp.floor(mpf(a) / b),
        "__power": lambda a, b: mp.power(mpf(a), b),
    }
)


def exact(text: str) -> Any:
    """Return the value of a formula of numbers: `(2 + sqrt(2)) / 4`."""
    return mpf(compile_formulas((), (), parse(text), TABLE)())


def forms(recipe: Recipe) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Return the closed and the recursive form, as `lrspec.engine.recursive_form.Forms` does."""
    schedule = recipe.schedule
    if schedule.machine is not None:
        return _machine(recipe), None
    assert schedule.closed is not None
    closed = schedule.compiled(schedule.closed, TABLE)

    @cache
    def known(base: Any) -> dict[str, Any]:
        return values(recipe, base)

    def at(t: Any, base: Any) -> Any:
        return closed(mpf(t), mpf(base), **known(mpf(base)))

    formula = own_next(recipe)
    if formula is None:
        return at, None
    following = schedule.compiled(formula, TABLE, "prev")
    return at, lambda prev, t, base: following(prev, mpf(t), mpf(base), **known(base))


def momentum(recipe: Recipe) -> Callable[[Any], Any]:
    """Return the momentum of a recipe that moves it, as a function of t."""
    assert recipe.moves_momentum()
    return formula(recipe, recipe.schedule.momentum.closed)


def formula(recipe: Recipe, result: Formula, **more: Any) -> Callable[[Any], Any]:
    """Return a formula over the names of the recipe's first group and *more*, as a function of t."""
    compiled = recipe.schedule.compiled(result, TABLE, *more)
    base = mpf(recipe.bases[0])
    known = {**values(recipe, base), **more, "base_lr": base}
    return lambda t: compiled(t=mpf(t), **known)


def values(recipe: Recipe, base: Any) -> dict[str, Any]:
    """Return the values that a recipe's formulas read; its formula parameters are functions."""
    functions = {
        name: compile_formulas(("t",), (), formula, TABLE)
        for name, formula in recipe.formulas().items()
    }
    plain = {name: _wide(given) for name, given in recipe.values(base).items()}
    return {**plain, **{n: lambda t, f=f: mpf(f(mpf(t))) for n, f in functions.items()}}


def _machine(recipe: Recipe) -> Callable[[Any, Any], Any]:
    @cache
    def run(base: Any) -> tuple[State, list[Any]]:
        return State(recipe, base, TABLE, _wide), [base]

    def at(t: Any, base: Any) -> Any:
        state, rates = run(mpf(base))
        while len(rates) <= t:
            rates.append(state.step(_wide(metric_at(recipe, len(rates) - 1)), rates[-1]))
        return rates[int(t)]

    return at


def _wide(given: Any) -> Any:
    """Return a number with fifty digits; two Python floats would be computed with sixteen."""
    plain = isinstance(given, (int, float)) and not isinstance(given, bool)
    return mpf(given) if plain else given


def curve(recipe: Recipe) -> Callable[[Any, Any], Any]:
    """Return the closed form of *recipe*, compositions included."""
    members = [curve(member) for member in recipe.members()]
    match recipe.schedule.composition:
        case None:
            return forms(recipe)[0]
        case Composition("segments", starts, time):
            return _segments(recipe, starts, time, members)
        case Composition("chain"):
            return lambda t, base: _through(members, t, base)
        case Composition(stride=stride):
            return lambda t, base: members[0](mp.floor(t / recipe.values(1.0)[stride]), base)


def _through(members: list[Any], t: Any, base: Any) -> Any:
    for member in members:
        base = member(t, base)
    return base


def _segments(
    recipe: Recipe, milestones: str, time: str, members: list[Any]
) -> Callable[[Any, Any], Any]:
    values = recipe.values(1.0)
    local = not time or values[time] == "local"
    if recipe.schedule.closed is None:
        starts = [0, *values[milestones]]
    else:
        starts = [0, values[milestones]]
        members = [forms(recipe)[0], *(members or [lambda _t, base: mpf(base)])]

    def at(t: Any, base: Any) -> Any:
        index = bisect.bisect_right(starts, t) - 1
        return members[index](t - starts[index] if local else t, base)

    return at
