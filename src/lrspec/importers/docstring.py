"""Recipes that a docstring claims; they are accepted only if the rates agree.

`lrspec port --standalone` writes functions and classes whose docstring ends with a line `Recipe:`
and the recipe as JSON.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lrspec.dialect import rates as meant
from lrspec.errors import BadInput, under
from lrspec.importers import Description
from lrspec.importers.departure import departure
from lrspec.scenario.builders import LONGEST
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.tolerance import tolerance_of

_MARK = "Recipe:"


def claim_of(doc: str | None, place: str) -> Recipe | None:
    """Return the recipe that *doc* claims, None where it claims none; raises `BadInput`."""
    lines = [line.strip() for line in inspect.cleandoc(doc or "").splitlines()]
    if _MARK not in lines:
        return None
    text = "\n".join(lines[lines.index(_MARK) + 1 :])
    with under(f"{place}.__doc__"):
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise BadInput("$", error.msg.lower(), "a recipe in JSON") from error
        if not isinstance(document, dict) or "base_lr" in document:
            return from_dict(document)
        claim = from_dict({**document, "base_lr": 1.0})  # a nested recipe has none of its own
        return claim if claim.schedule.reads_base_lr else replace(claim, base_lr=None)


def of_functions(
    functions: Sequence[Mapping[str, Any]], bases: Sequence[float], place: str, *, factors: bool
) -> Recipe | None:
    """Return the recipe that all of *functions*, one per parameter group, claim.

    Their values times *bases* must be its rates, for its own base rates or for these. With
    *factors* there is one function, for the first group. Raises `BadInput` if they are not.
    """
    claims = [claim_of(function["doc"], place) for function in functions]
    claim = claims[0]
    if claim is None or None in claims:
        return None
    candidates = []
    if claim.single and claim.base_lr:
        candidates.append(claim.with_base(*claim.bases * len(functions)))
    elif factors or claim.single or len(claim.bases) == len(functions):
        candidates.append(claim)
    if claim.base_lr:
        candidates.append(claim.with_base(*bases))
    errors = [_first_error(candidate, functions, bases) for candidate in candidates]
    if "" in errors:
        return candidates[errors.index("")]
    expected = f"the rates of the recipe in its docstring, at {errors[0]} too"
    raise BadInput(place, functions[0]["name"], expected)


def _first_error(
    claim: Recipe, functions: Sequence[Mapping[str, Any]], bases: Sequence[float]
) -> str:
    """Return the step at which *functions* times *bases* are not the rates of *claim*, else ""."""
    for group, (function, base) in enumerate(zip(functions, bases, strict=True)):
        longest = math.inf if claim.dialect is None else LONGEST
        known = [(t, v) for t, v in function["values"] if v is not None and t < longest]
        if not known:
            return "any step"
        steps, values = zip(*known, strict=True)
        rates = meant.at(claim, steps)
        expected = rates[:, min(group, rates.shape[1] - 1)]
        bound = tolerance_of("float64").rounding * np.abs(expected).max()
        wrong = np.abs(np.array(values) * base - expected) > bound
        if wrong.any():
            return f"step {steps[int(np.argmax(wrong))]}"
    return ""


def of_class(claim: Recipe, description: Description) -> tuple[Recipe, float]:
    """Return the recipe of a scheduler whose class claims *claim*, and the step that it is at.

    A copy of the scheduler has been stepped, and must have used its rates. Raises `BadInput`.
    """
    held = description["held"]
    first = [group["initial_lr"] for group in description["groups"] if "initial_lr" in group]
    candidates = [claim, claim.with_base(*first)] if first and claim.base_lr else [claim]
    positions = _positions(held) if len(description["ahead"]) > 1 else []
    for candidate in candidates:
        for position in positions:
            if not departure(candidate, description, position, held):
                return candidate, position
    expected = "the rates of the recipe that it claims, which a copy of it does not use"
    raise BadInput("$", description["class"], expected)


def _positions(held: Mapping[str, Any]) -> list[float]:
    """Return the steps that a scheduler may be at, its usual counters' values first."""
    usual = [held.get(name) for name in ("last_epoch", "last_step", "epoch", "t")]
    whole = [n for n in [*usual, *held.values()] if isinstance(n, int) and not isinstance(n, bool)]
    counted = [n - first for first in (0, 1) for n in whole]  # 1: the constructor takes a step
    return [n for n in dict.fromkeys([*counted, 0]) if n >= 0]
