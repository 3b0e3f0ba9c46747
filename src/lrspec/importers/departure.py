"""Where the rates of a described scheduler depart from those of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrspec.dialect import rates as meant
from lrspec.dialect.machine import with_own_machine
from lrspec.engine.state_machine import State
from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of


def departure(
    recipe: Recipe, description: Description, position: float, state: Mapping[str, Any]
) -> str:
    """Return where the scheduler's rates from *position* on are not those of *recipe*, else "".

    *state* is that of the schedule's state machine there. Where a framework's scheduler has one
    rate for all groups, it is that of the first or of the largest.
    """
    return _first(recipe, description, position, state)[1]


def agreeing(recipe: Recipe, description: Description, position: float) -> int:
    """Return how many of the scheduler's next rates are those of *recipe* before one is not."""
    return _first(recipe, description, position, {})[0]


def _first(
    recipe: Recipe, description: Description, position: float, state: Mapping[str, Any]
) -> tuple[int, str]:
    """Return the number of rates before the first that departs, and how that one does."""
    if not description["ahead"]:
        return 0, ""
    try:
        expected = _expected(recipe, description, position, state)
    except BadInput as error:
        return 0, f"the recipe has {error.found}"
    found = np.asarray(description["ahead"], dtype=np.float64)
    if found.shape[1] == 1 and expected.shape[1] > 1:
        largest = expected.max(axis=1, keepdims=True)
        is_largest = np.allclose(found, largest, rtol=1e-9, atol=0.0)
        expected = largest if is_largest else expected[:, :1]
    if expected.shape[1] not in (1, found.shape[1]):
        return 0, f"it has {found.shape[1]} rates where the recipe has {expected.shape[1]}"
    expected = np.broadcast_to(expected, found.shape)
    bound = tolerance_of("float64").divergence * np.abs(expected).max()
    wrong = (np.abs(found - expected) > bound).any(axis=1)
    if not wrong.any():
        return len(found), ""
    k = int(np.argmax(wrong))
    uses, has = (", ".join(f"{rate:.9g}" for rate in rates[k]) for rates in (found, expected))
    only = ", in this update alone" if wrong.sum() == 1 and k == 0 and len(found) > 1 else ""
    return k, f"at step {position + k:g} it uses {uses} where the recipe has {has}{only}"


def _expected(
    recipe: Recipe, description: Description, position: float, state: Mapping[str, Any]
) -> Any:
    """Return the rates of *recipe*, a row per step; raises `BadInput` where it has none."""
    steps = len(description["ahead"])
    if recipe.schedule.machine is None:
        return meant.at(recipe, [position + k for k in range(steps)])
    columns, recipe = [], with_own_machine(recipe)
    for group, (own, base) in enumerate(zip(recipe.groups(), recipe.bases, strict=True)):
        machine = State(own, base)
        rates = [base]
        if position:
            known = {name: state.get(name) for name in machine.state}
            machine.state.update((n, s) for n, s in known.items() if isinstance(s, (int, float)))
            first = description["ahead"][0]
            rates = [first[min(group, len(first) - 1)]]
        for metric in description["metrics"][: steps - 1]:
            rates.append(machine.step(metric, rates[-1]))
        columns.append(rates)
    return np.array(columns).T
