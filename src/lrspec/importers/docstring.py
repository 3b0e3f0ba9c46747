"""Recipes that a docstring claims, believed only where the rates bear them out.

`lrspec port --standalone` writes functions and classes whose docstring holds a line `Recipe:` and
then the recipe as JSON, to its end.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrspec.engine import closed_form
from lrspec.engine.state_machine import State
from lrspec.errors import BadInput
from lrspec.importers.lineage import Description
from lrspec.spec import recipe as recipes
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import schedules
from lrspec.spec.tolerance import tolerance_of

_MARK = "Recipe:"


def claim_of(doc: str | None, place: str) -> Recipe | None:
    """Return the recipe that *doc* claims, None where it claims none; raises `BadInput`."""
    lines = inspect.cleandoc(doc or "").splitlines()
    if _MARK not in (line.strip() for line in lines):
        return None
    start = [line.strip() for line in lines].index(_MARK) + 1
    try:
        document = json.loads("\n".join(lines[start:]))
        if isinstance(document, dict) and _lacks_base(document):
            document["base_lr"] = 1.0  # a member of another recipe has none of its own
        return recipes.from_dict(document)
    except json.JSONDecodeError as error:
        raise BadInput(f"{place}.__doc__", error.msg.lower(), "a recipe in JSON") from error
    except BadInput as error:
        raise error.under(f"{place}.__doc__") from error


def of_functions(
    functions: Sequence[Mapping[str, Any]],
    bases: Sequence[float] | None,
    place: str,
    *,
    factors: bool,
) -> Recipe | None:
    """Return the recipe that all of *functions*, one a parameter group, claim in their docstrings.

    Their values times *bases* must be its rates, for its own base rates or for these. With
    *factors* there is one function, for the first of its groups. Raises `BadInput` where they are
    not.
    """
    claims = [claim_of(function["doc"], place) for function in functions]
    if not claims or any(claim is None for claim in claims):
        return None
    claim = claims[0]
    assert claim is not None  # noqa: S101 - just asked
    candidates = [claim] if factors or claim.single or len(claim.bases) == len(functions) else []
    if claim.base_lr is not None and bases is not None:
        candidates.append(claim.with_base(*bases))
    errors = [_step_of_error(candidate, functions, bases) for candidate in candidates]
    if None in errors:
        recipe = candidates[errors.index(None)]
        return (
            recipe.with_base(*recipe.bases * len(functions))
            if recipe.single and recipe.base_lr
            else recipe
        )
    expected = f"the rates of the recipe in its docstring, at {errors[0]} too"
    raise BadInput(place, functions[0]["name"], expected)


def _lacks_base(document: Mapping[str, Any]) -> bool:
    kind = schedules().get(document.get("schedule", ""))
    return kind is not None and kind.reads_base_lr and "base_lr" not in document


def _step_of_error(
    claim: Recipe, functions: Sequence[Mapping[str, Any]], bases: Sequence[float] | None
) -> str | None:
    """Return where the values of *functions*, times their bases, are not the rates of *claim*."""
    for group, function in enumerate(functions):
        known = [(t, value) for t, value in function["values"] if value is not None]
        if not known:
            return "any step"
        rates = closed_form.at(claim, [t for t, _ in known])
        found = np.array([value for _, value in known]) * (bases[group] if bases else 1.0)
        wanted = rates[:, min(group, rates.shape[1] - 1)]
        wrong = np.abs(found - wanted) > tolerance_of("float64").rounding * np.abs(wanted).max()
        if wrong.any():
            return f"step {known[int(np.argmax(wrong))][0]}"
    return None


def of_class(doc: str | None, description: Description) -> tuple[Recipe, float]:
    """Return the recipe that a scheduler's class claims, and the position from which it holds.

    A copy of the scheduler has been stepped, and must have used its rates. Raises `BadInput`.
    """
    claim = claim_of(doc, "$")
    assert claim is not None  # noqa: S101 - only such a class is asked
    first = [group["initial_lr"] for group in description["groups"] if "initial_lr" in group]
    candidates = [claim, *([claim.with_base(*first)] if first and claim.base_lr else [])]
    for candidate in candidates:
        for position in _positions(description["held"]):
            found = Ahead.of(description, position, description["held"])
            if len(found.rates) > 1 and not departure(candidate, found):
                return candidate, position
    expected = "the rates of the recipe that it claims, which a copy of it does not use"
    raise BadInput("$", description["class"], expected)


def _positions(held: Mapping[str, Any]) -> list[float]:
    """Return where a scheduler may be: what counts its steps under the usual names comes first."""
    usual = [held.get(name) for name in ("last_epoch", "last_step", "epoch", "t")]
    whole = [n for n in [*usual, *held.values()] if isinstance(n, int) and not isinstance(n, bool)]
    counted = [n - begun for begun in (0, 1) for n in whole]  # what counts its constructor's step
    return [n for n in dict.fromkeys([*counted, 0]) if n >= 0]


@dataclass(frozen=True)
class Ahead:
    """The rates of a scheduler's copy from a position on, and what it was fed if it was.

    `state` is what its machine is in there, by the names of its schedule's file.
    """

    rates: Sequence[Sequence[float]]
    position: float
    metrics: Sequence[float]
    state: Mapping[str, Any]

    @staticmethod
    def of(description: Description, position: float, state: Mapping[str, Any]) -> Ahead:
        """Return what lies ahead of a described scheduler."""
        return Ahead(description["ahead"], position, description["metrics"], state)

    def expected(self, recipe: Recipe) -> Any:
        """Return the rates that *recipe* has there; raises `BadInput` where it has none."""
        if recipe.schedule.machine is None:
            return closed_form.at(recipe, [self.position + k for k in range(len(self.rates))])
        columns = [self._walked(recipe, group) for group in range(len(recipe.bases))]
        return np.array(columns).T

    def _walked(self, recipe: Recipe, group: int) -> list[float]:
        base = recipe.bases[group]
        machine = State(recipe, base)
        rate = base
        if self.position:
            known = {name: self.state.get(name) for name in machine.state}
            machine.state.update((n, s) for n, s in known.items() if isinstance(s, (int, float)))
            rate = self.rates[0][min(group, len(self.rates[0]) - 1)]
        found = [rate]
        for metric in self.metrics[: len(self.rates) - 1]:
            found.append(machine.step(metric, found[-1]))
        return found


def departure(recipe: Recipe, ahead: Ahead) -> str:
    """Return where the rates *ahead* part from *recipe*, nothing if nowhere.

    Where a framework's scheduler has one rate for all groups, it is that of the first or of the
    largest.
    """
    if not ahead.rates:
        return ""
    try:
        expected = ahead.expected(recipe)
    except BadInput as error:
        return f"the recipe has {error.found}"
    found = np.asarray(ahead.rates, dtype=np.float64)
    if found.shape[1] == 1 and expected.shape[1] > 1:
        led = expected.max(axis=1, keepdims=True)
        expected = led if np.allclose(found, led, rtol=1e-9, atol=0.0) else expected[:, :1]
    if expected.shape[1] not in (1, found.shape[1]):
        return f"it has {found.shape[1]} rates where the recipe has {expected.shape[1]}"
    expected = np.broadcast_to(expected, found.shape)
    bound = tolerance_of("float64").divergence * np.abs(expected).max()
    wrong = (np.abs(found - expected) > bound).any(axis=1)
    if not wrong.any():
        return ""
    k = int(np.argmax(wrong))
    step = ahead.position + k
    uses, has = (", ".join(f"{rate:.9g}" for rate in row[k]) for row in (found, expected))
    return f"at step {step:g} it uses {uses} where the recipe has {has}"
