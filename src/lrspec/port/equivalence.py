"""Compare a recipe that was read back with the original one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrspec.dialect.rates import trace
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of

_MAX_STEPS = 20_000


@dataclass(frozen=True)
class ReadBack:
    """How the recipe that is read from a scheduler compares with the one that it was built from.

    `outcome` is `same` (the same recipe once defaults are filled in), `same rates` (another recipe
    with the same rates) or `differs`; `unreadable` where lrspec rejects the scheduler; `rejected`
    where the framework does not build it. `reason` names what differs, or says why.
    """

    outcome: str
    reason: str = ""
    recipe: Recipe | None = None


def compared(original: Recipe, read: Recipe) -> ReadBack:
    """Return whether *read* is *original*, or has its rates to well past both horizons."""
    difference = first_difference(original, read)
    if not difference:
        return ReadBack("same", recipe=read)
    if original.given.get("metrics") is not None and read.kind == original.kind:
        return ReadBack("differs", difference, read)
    steps = min(max(horizons(original)[1], horizons(read)[1]), _MAX_STEPS)
    expected, actual = _finite(original, steps), _finite(read, steps)
    expected, actual = expected[: len(actual)], actual[: len(expected)]
    bound = tolerance_of("float64").rounding * np.abs(expected).max()
    wrong = (np.abs(expected - actual) > bound).any(axis=1)
    if not wrong.any():
        return ReadBack("same rates", difference, read)
    step = int(np.argmax(wrong))
    rates = f"{expected[step].tolist()} is read back as {actual[step].tolist()}"
    return ReadBack("differs", f"{difference}: at step {step} {rates}", read)


def first_difference(original: Recipe, read: Recipe) -> str:
    """Return what differs first between two recipes, defaults filled in; empty if nothing does.

    Their descriptions are not compared, nor the metrics that a plateau is run with: no scheduler
    has them.
    """
    kind = original.kind
    if original.dialect != read.dialect:
        return f"{original.dialect or 'the specification'} as {read.dialect or 'the specification'}"
    if kind != read.kind:
        return f"{kind} as {read.kind}"
    for base, read_base in zip(original.bases, read.bases, strict=False):
        actual = _parameters(read, read_base)
        for name, value in _parameters(original, base).items():
            if actual[name] != value:
                return f"{kind}'s {name}"
    for member, read_member in zip(original.members(), read.members(), strict=False):
        nested = member.with_base(*original.bases), read_member.with_base(*read.bases)
        if difference := first_difference(*nested):
            return difference
    if len(original.members()) != len(read.members()):
        return f"{kind}'s members"
    same_base = original.bases == read.bases or not original.schedule.reads_base_lr
    return "" if same_base else "the base rate"


def _parameters(recipe: Recipe, base: float) -> dict[str, Any]:
    formulas = {name: ast.unparse(formula.tree) for name, formula in recipe.formulas().items()}
    return {**recipe.values(base), **formulas, "metrics": None}


def _finite(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of *steps* steps, halved until all of them are finite."""
    try:
        return trace(recipe, steps)
    except BadInput:
        return _finite(recipe, steps // 2)
