"""Whether two recipes are the same, or have the same rates."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrspec.engine import closed_form
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of

_MAX_STEPS = 20_000


@dataclass(frozen=True)
class Equivalence:
    """How a recipe that was read compares with the original.

    `outcome` is `same` (the same recipe once defaults are filled in), `same rates` (another recipe
    with the same rates) or `differs`; `reason` names what differs.
    """

    outcome: str
    reason: str = ""


def compared(original: Recipe, read: Recipe) -> Equivalence:
    """Return whether *read* is *original*, or has its rates."""
    difference = first_difference(normal_form(original), normal_form(read))
    return _by_rates(original, read, difference) if difference else Equivalence("same")


def normal_form(recipe: Recipe) -> Mapping[str, Any]:
    """Return *recipe* with every default filled in and without what a scheduler does not hold.

    That is the description of the recipe, and the metrics that a plateau is run with.
    """
    formulas = {name: ast.unparse(formula.tree) for name, formula in recipe.formulas().items()}
    return {
        "schedule": recipe.kind,
        "base_lr": list(recipe.bases) if recipe.schedule.reads_base_lr else [],
        "parameters": [
            {**recipe.values(base), **formulas, "metrics": None} for base in recipe.bases
        ],
        "members": [normal_form(member.with_base(*recipe.bases)) for member in recipe.members()],
    }


def first_difference(original: Mapping[str, Any], read: Mapping[str, Any]) -> str:
    """Return what differs first between two recipes in normal form; empty if nothing does."""
    kind = original["schedule"]
    if kind != read["schedule"]:
        return f"{kind} as {read['schedule']}"
    for expected, actual in zip(original["parameters"], read["parameters"], strict=False):
        for name, value in expected.items():
            if actual[name] != value:
                return f"{kind}'s {name}"
    for expected, actual in zip(original["members"], read["members"], strict=False):
        if difference := first_difference(expected, actual):
            return difference
    if len(original["members"]) != len(read["members"]):
        return f"{kind}'s members"
    return "" if original["base_lr"] == read["base_lr"] else "the base rate"


def _by_rates(original: Recipe, read: Recipe, difference: str) -> Equivalence:
    """Return whether *read* has the rates of *original*, to well past both horizons."""
    if original.given.get("metrics") is not None and read.kind == original.kind:
        return Equivalence("differs", difference)
    steps = min(max(horizons(original)[1], horizons(read)[1]), _MAX_STEPS)
    expected, actual = _finite(original, steps), _finite(read, steps)
    expected, actual = expected[: len(actual)], actual[: len(expected)]
    bound = tolerance_of("float64").rounding * np.abs(expected).max()
    wrong = (np.abs(expected - actual) > bound).any(axis=1)
    if not wrong.any():
        return Equivalence("same rates", difference)
    step = int(np.argmax(wrong))
    rates = f"{expected[step].tolist()} is read back as {actual[step].tolist()}"
    return Equivalence("differs", f"{difference}: at step {step} {rates}")


def _finite(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of *steps* steps, halved until all of them are finite."""
    try:
        return closed_form.trace(recipe, steps)
    except BadInput:
        return _finite(recipe, steps // 2)
