"""The difference of two traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import Tolerance

_NEAR_ZERO = 1e-3
Kind = Literal["exact", "rounding", "drift", "divergence"]


@dataclass(frozen=True)
class Difference:
    """How far a trace is from the expected one.

    `kind` is `exact`, `rounding`, `drift` or `divergence`. `first` is the first row with an error
    beyond rounding, `rows` are all such rows, and `count` is their number. The largest errors are
    absolute (`max_abs`), relative to the peak of the expected trace (`max_rel`), and in units in
    the last place of the expected rate (`max_ulp`). The latter is measured only for rates of at
    least a thousandth of the peak; closer to zero it is meaningless. Rounding errors are relative
    to the peak up to the row, plus a few ULP of the largest operand.
    """

    kind: Kind
    first: int | None
    count: int
    rows: NDArray[np.int64]
    max_abs: float
    max_rel: float
    max_ulp: float


def compare(
    expected: Rates, observed: Rates, tolerance: Tolerance, largest: float | None = None
) -> Difference:
    """Return the difference of two traces of the same shape (updates, groups).

    *largest* is the largest operand of the formula that gave *expected*, by default its peak: a few
    ULP of it are allowed everywhere. Entries where both are NaN are equal. Raises `ValueError` if
    the shapes differ.
    """
    if expected.shape != observed.shape:
        raise ValueError(f"traces of the shapes {expected.shape} and {observed.shape}")
    if expected.size == 0:
        return Difference("exact", None, 0, np.empty(0, np.int64), 0.0, 0.0, 0.0)
    error = errors(expected, observed)
    size = np.abs(expected)
    peaks = np.maximum.accumulate(size.max(axis=1, where=~np.isnan(size), initial=0.0))
    peak = float(peaks[-1])
    relative = error.max(axis=1) / tolerance.scale(peaks, peak if largest is None else largest)
    rows = np.flatnonzero(relative > tolerance.rounding)
    worst = float(error.max())
    return Difference(
        kind=_kind(worst, float(relative.max()), tolerance),
        first=int(rows[0]) if rows.size else None,
        count=int(rows.size),
        rows=rows,
        max_abs=worst,
        max_rel=worst / (peak or 1.0),
        max_ulp=_ulp(error, size, peak, tolerance),
    )


def largest_rate(recipe: Recipe) -> float:
    """Return the largest rate that a formula of *recipe* may have as an operand."""
    rates = [float(base) for base in recipe.base_lr or ()]
    for name, given in recipe.given.items():
        if recipe.schedule.parameters[name].unit == "rate":
            rates += np.ravel(np.asarray(given, dtype=float)).tolist()
    return max([*map(abs, rates), *map(largest_rate, recipe.members())], default=0.0)


def errors(expected: Rates, observed: Rates) -> Rates:
    """Return the absolute errors: infinite where only one side is NaN, 0 where both are."""
    error: Rates = np.abs(observed - expected)
    error[np.isnan(error)] = np.inf
    error[np.isnan(expected) & np.isnan(observed)] = 0.0
    return error


def _ulp(error: Rates, expected: Rates, peak: float, tolerance: Tolerance) -> float:
    large = expected >= peak * _NEAR_ZERO
    if not large.any():
        return 0.0
    unit = np.spacing(expected[large].astype(tolerance.type))
    return float((error[large] / unit).max())


def _kind(worst: float, relative: float, tolerance: Tolerance) -> Kind:
    if worst == 0:
        return "exact"
    if relative <= tolerance.rounding:
        return "rounding"
    return "drift" if relative <= tolerance.divergence else "divergence"


def number(rate: float) -> str:
    """Return *rate* as text, to six digits."""
    return f"{rate + 0.0:.6g}"  # no minus before a zero


def pair(first: Rates, second: Rates) -> tuple[str, str]:
    """Return the rates of the group in which two rows differ most, in enough digits to see it."""
    group = int(np.argmax(errors(first, second)))
    a, b = number(first[group]), number(second[group])
    return (a, b) if a != b else (repr(float(first[group])), repr(float(second[group])))
