"""The specification's formulas in fifty-digit arithmetic, independent of NumPy."""

from __future__ import annotations

import ast
import bisect
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from mpmath import mp, mpf

from lrspec.engine.recursive_form import goes_on
from lrspec.engine.state_machine import State, metric_at
from lrspec.spec.formula import functions
from lrspec.spec.formula.compiler import Function, compile_formulas
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule

mp.dps = 50

TABLE: dict[str, Any] = {
    **functions.SCALAR,
    "pi": mp.pi,
    "ceil": mp.ceil,
    "cos": mp.cos,
    "exp": mp.exp,
    "floor": mp.floor,
    "log": mp.log,
    "sin": mp.sin,
    "sqrt": mp.sqrt,
    "passed": lambda points, t: bisect.bisect_right(list(map(mpf, points)), t),
    "__divide": lambda a, b: mpf(a) / b,
    "__floor_divide": lambda a, b: mp.floor(mpf(a) / b),
    "__modulo": lambda a, b: mpf(a) - b * mp.floor(mpf(a) / b),
    "__power": lambda a, b: mp.power(mpf(a), b),
}
OPERATORS = {
    ast.Div: "__divide",
    ast.FloorDiv: "__floor_divide",
    ast.Mod: "__modulo",
    ast.Pow: "__power",
}


def exact(text: str) -> Any:
    """Return the value of a formula of numbers: `(2 + sqrt(2)) / 4`."""
    return mpf(compile_formulas((), {}, parse(text), TABLE, OPERATORS)())


@lru_cache(maxsize=4096)
def _compiled(names: tuple[str, ...], lets: tuple[Any, ...], result: Formula) -> Function:
    return compile_formulas(names, dict(lets), result, TABLE, OPERATORS)


def _of(schedule: Schedule, result: Formula, *more: str) -> Function:
    """Return a formula as a function of *more* names, t, the base and the recipe's values."""
    return _compiled((*more, *schedule.arguments), tuple(schedule.lets.items()), result)


def forms(recipe: Recipe) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Return the closed form (t, base) and the recursive one, as `lrspec.engine.recursive_form` asks."""
    schedule = recipe.schedule
    if schedule.machine is not None:
        return _machine(recipe), None
    assert schedule.closed is not None
    closed = _of(schedule, schedule.closed)

    @cache
    def known(base: Any) -> dict[str, Any]:
        return values(recipe, base)

    def at(t: Any, base: Any) -> Any:
        return closed(mpf(t), mpf(base), **known(mpf(base)))

    if schedule.next is None or not goes_on(recipe):
        return at, None
    following = _of(schedule, schedule.next, "prev")
    return at, lambda prev, t, base: following(prev, mpf(t), mpf(base), **known(base))


def momentum(recipe: Recipe) -> Callable[[Any], Any]:
    """Return the momentum of a recipe that moves it, as a function of t."""
    assert recipe.moves_momentum()
    return formula(recipe, recipe.schedule.momentum.closed)


def formula(recipe: Recipe, result: Formula, **more: Any) -> Callable[[Any], Any]:
    """Return a formula over the names of the recipe's first group and *more*, as a function of t."""
    compiled = _of(recipe.schedule, result, *more)
    base = mpf(recipe.bases[0])
    known = {**values(recipe, base), **more, "base_lr": base}
    return lambda t: compiled(t=mpf(t), **known)


def values(recipe: Recipe, base: Any) -> dict[str, Any]:
    """Return the values that a recipe's formulas read, its own formulas as functions."""
    functions = {
        name: compile_formulas(("t",), {}, formula, TABLE, OPERATORS)
        for name, formula in recipe.formulas().items()
    }
    plain = {name: _wide(found) for name, found in recipe.values(base).items()}
    return {**plain, **{n: lambda t, f=f: mpf(f(mpf(t))) for n, f in functions.items()}}


def _machine(recipe: Recipe) -> Callable[[Any, Any], Any]:
    @cache
    def run(base: Any) -> tuple[State, list[Any]]:
        return State(recipe, base, TABLE, OPERATORS, _wide), [base]

    def at(t: Any, base: Any) -> Any:
        state, rates = run(mpf(base))
        while len(rates) <= t:
            rates.append(state.step(_wide(metric_at(recipe, len(rates) - 1)), rates[-1]))
        return rates[int(t)]

    return at


def _wide(found: Any) -> Any:
    """Return a number in fifty digits, for Python would compute with two doubles in sixteen."""
    plain = isinstance(found, (int, float)) and not isinstance(found, bool)
    return mpf(found) if plain else found


def curve(recipe: Recipe) -> Callable[[Any, Any], Any]:
    """Return the closed form of *recipe*, compositions included."""
    composition = recipe.schedule.composition
    members = [curve(member) for member in recipe.members()]
    if composition is None:
        return forms(recipe)[0]
    if composition["operator"] == "pipeline":
        return lambda t, base: _through(members, t, base)
    if composition["operator"] == "held":
        return lambda t, base: members[0](
            mp.floor(t / recipe.values(1.0)[composition["for"]]), base
        )
    return _segments(recipe, composition, members)


def _through(members: list[Any], t: Any, base: Any) -> Any:
    for member in members:
        base = member(t, base)
    return base


def _segments(recipe: Recipe, composition: Any, members: list[Any]) -> Callable[[Any, Any], Any]:
    values = recipe.values(1.0)
    local = True
    if "members" in composition:
        starts = [0, *map(int, values[composition["starts"]])]
        local = values[composition["time"]] == "local"
    else:
        starts = [0, values[composition["until"]]]
        members = [forms(recipe)[0], *(members or [lambda _t, base: mpf(base)])]

    def at(t: Any, base: Any) -> Any:
        index = bisect.bisect_right(starts, t) - 1
        return members[index](t - starts[index] if local else t, base)

    return at
