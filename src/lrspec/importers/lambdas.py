"""A described function of the step as a formula that gives the function's own values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrspec.errors import BadInput
from lrspec.importers.conditions import Unreadable
from lrspec.importers.translation import formula_of
from lrspec.spec.formula.compiler import array_of_t
from lrspec.spec.formula.grammar import parse
from lrspec.spec.tolerance import tolerance_of


def formula(function: Mapping[str, Any], place: str) -> str:
    """Return the formula of *function*, which lies at *place* of a scheduler.

    Raises `BadInput` where its source is no formula, or gives other values than the function.
    """
    said = (function["texts"] or [function["name"]])[0]
    found = said if said.startswith("lambda") else function["name"]
    try:
        candidates = formula_of(function)
    except Unreadable as error:
        raise BadInput(
            place, found, f"a function that is a formula of the step: {error}"
        ) from error
    for candidate in candidates:
        if gives(candidate, function["values"]):
            return candidate
    expected = f"a function that does what its source says, {candidates[0]}, at every step"
    raise BadInput(place, found, expected)


def gives(text: str, values: list[tuple[int, float | None]]) -> bool:
    """Tell whether the formula *text* gives *values*, pairs of a step and a value or None."""
    known = [(t, value) for t, value in values if value is not None]
    if not known:
        return False
    steps, wanted = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
    with np.errstate(all="ignore"):
        found = np.broadcast_to(array_of_t(parse(text))(steps), steps.shape)
    return close(found, wanted)


def close(found: Any, wanted: Any) -> bool:
    """Tell whether two rows of numbers agree but for rounding, each number by its own size."""
    bound = tolerance_of("float64").rounding * np.maximum(np.abs(wanted), np.finfo(float).tiny)
    return bool((np.abs(np.asarray(found) - wanted) <= bound).all())
