"""The formula of a described function of the step, checked against the function's own values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrspec.errors import BadInput
from lrspec.importers.python_function.partial_evaluation import Unreadable
from lrspec.importers.python_function.source import formulas_of
from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.functions import ARRAY
from lrspec.spec.formula.grammar import parse
from lrspec.spec.tolerance import tolerance_of


def formula_of(function: Mapping[str, Any], place: str) -> str:
    """Return the formula of *function*, which is at *place* of a scheduler.

    Raises `BadInput` where its source is no formula, or gives other values than the function.
    """
    text = (function["texts"] or [function["name"]])[0]
    shown = text if text.startswith("lambda") else function["name"]
    try:
        candidates = formulas_of(function)
    except Unreadable as error:
        expected = f"a function that is a formula of the step: {error}"
        raise BadInput(place, shown, expected) from error
    for candidate in candidates:
        if has_values(candidate, function["values"]):
            return candidate
    expected = f"a function whose values are those of its source, {candidates[0]}, at every step"
    raise BadInput(place, shown, expected)


def has_values(text: str, values: Sequence[tuple[int, float | None]]) -> bool:
    """Tell whether the formula *text* has *values* (step, value), but for rounding.

    A value that is None is not known; where none is known, nothing is confirmed.
    """
    known = [(t, value) for t, value in values if value is not None]
    if not known:
        return False
    steps, expected = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
    function = compile_formulas(("t",), (), parse(text), ARRAY)
    with np.errstate(all="ignore"):
        computed = np.broadcast_to(function(steps), steps.shape)
    rounding = tolerance_of("float64").rounding
    bound = rounding * np.maximum(np.abs(expected), np.finfo(float).tiny)
    return bool((np.abs(computed - expected) <= bound).all())
