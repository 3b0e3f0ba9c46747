"""The difference of two traces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates
from lrspec.spec.tolerance import Tolerance

_NEAR_ZERO = 1e-3


@dataclass(frozen=True)
class Difference:
    """How far a trace is from the expected one.

    `kind` is `exact`, `rounding`, `drift` or `divergence`. `first` is the first row with an error
    beyond rounding, `rows` are all such rows, and `count` is their number. The largest errors are
    absolute (`max_abs`), relative to the peak of the expected trace (`max_rel`), and in units in
    the last place of the expected rate (`max_ulp`). The last is taken only over rates of at least a
    thousandth of the peak: closer to zero it means nothing.
    """

    kind: str
    first: int | None
    count: int
    rows: NDArray[np.int64]
    max_abs: float
    max_rel: float
    max_ulp: float


def compare(expected: Rates, observed: Rates, tolerance: Tolerance) -> Difference:
    """Return the difference of two traces of the same shape (updates, groups).

    Entries where both are NaN are equal. Raises `ValueError` if the shapes differ.
    """
    if expected.shape != observed.shape:
        raise ValueError(f"traces of the shapes {expected.shape} and {observed.shape}")
    if expected.size == 0:
        return Difference("exact", None, 0, np.empty(0, np.int64), 0.0, 0.0, 0.0)
    error = errors(expected, observed)
    peak = _peak(expected)
    worst = float(error.max())
    out = error > tolerance.rounding * peak
    rows = np.flatnonzero(out.any(axis=1))
    return Difference(
        kind=_kind(worst, worst / peak, tolerance),
        first=int(rows[0]) if rows.size else None,
        count=int(rows.size),
        rows=rows,
        max_abs=worst,
        max_rel=worst / peak,
        max_ulp=_ulp(error, np.abs(expected), peak, tolerance),
    )


def fit(expected: Rates, observed: Rates, tolerance: Tolerance) -> tuple[bool, float]:
    """Return whether two traces agree to within rounding, and the largest relative error.

    That is `compare` without the rest; the error is relative to the peak of *expected*.
    """
    if expected.shape != observed.shape:
        raise ValueError(f"traces of the shapes {expected.shape} and {observed.shape}")
    if expected.size == 0:
        return True, 0.0
    relative = float(errors(expected, observed).max()) / _peak(expected)
    return relative <= tolerance.rounding, relative


def _peak(expected: Rates) -> float:
    """Return the largest absolute rate, or 1 if all are 0."""
    return float(np.abs(expected).max(where=~np.isnan(expected), initial=0.0)) or 1.0


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


def _kind(worst: float, relative: float, tolerance: Tolerance) -> str:
    if worst == 0:
        return "exact"
    if relative <= tolerance.rounding:
        return "rounding"
    return "drift" if relative <= tolerance.divergence else "divergence"
