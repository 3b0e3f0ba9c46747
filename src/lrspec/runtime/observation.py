"""Observations: what a worker reports of one run, and the form in which it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates

#: Every status a run may have. Only `trace` has rates.
STATUSES = (
    "trace",
    "unsupported",
    "rejected",
    "errored",
    "crashed",
    "timeout",
    "absent",
)


@dataclass(frozen=True)
class Observation:
    """What was seen of one run.

    `reported` and `applied` hold a row an update and a column a group, NaN before a group was
    there; `reported` is None where the mode reports nothing, `momentum` where it is not moved.
    `applied` holds the rows of the updates, fewer than there are rates where the scheduler was
    stepped alone, and is None where it was from the start. `error` is the exception that ended the
    run early, if one did.
    """

    status: str
    reason: str = ""
    reported: Rates | None = None
    applied: Rates | None = None
    error: str | None = None
    momentum: Rates | None = None

    @property
    def rates(self) -> Rates:
        """The trace: the reported rates, or the applied ones where none are reported."""
        rates = self.applied if self.reported is None else self.reported
        return np.empty((0, 1)) if rates is None else rates

    def to_record(self) -> dict[str, Any]:
        """Return a JSON object; rates that follow from others exactly are named, not repeated."""
        record: dict[str, Any] = {"status": self.status}
        if self.reason:
            record["reason"] = self.reason
        if self.status != "trace":
            return record
        if self.error is not None:
            record["error"] = self.error
        record["reported"] = _rows(self.reported)
        record["applied"] = self._named() or _rows(self.applied)
        if self.momentum is not None:
            record["momentum"] = _rows(self.momentum)
        return record

    def _named(self) -> str | None:
        if self.reported is None or self.applied is None:
            return None
        if len(self.applied) < len(self.reported):
            return None
        if _same(self.applied, self.reported):
            return "reported"
        return "float32" if _same(self.applied, _rounded(self.reported)) else None


def _rounded(rates: Rates) -> Rates:
    """Return *rates* to the precision of float32; what is too large for it is infinite."""
    with np.errstate(over="ignore"):
        return rates.astype(np.float32).astype(np.float64)


def _same(one: Rates, other: Rates) -> bool:
    """Tell whether two traces are the same numbers, NaN where NaN is and the sign of a zero too."""
    if not np.array_equal(one, other, equal_nan=True):
        return False
    return bool((np.isnan(one) | (np.signbit(one) == np.signbit(other))).all())


def from_answer(answer: Mapping[str, Any]) -> Observation:
    """Return what a worker's answer, or a record of one, says."""
    reported = _array(answer.get("reported"))
    applied = answer.get("applied")
    if applied == "reported":
        rates = reported
    elif applied == "float32" and reported is not None:
        rates = _rounded(reported)
    else:
        rates = _array(applied)
    return Observation(
        answer["status"],
        answer.get("reason", ""),
        reported,
        rates,
        answer.get("error"),
        _array(answer.get("momentum")),
    )


def _rows(rates: Rates | None) -> list[list[float | str]] | None:
    if rates is None:
        return None
    return [[r if np.isfinite(r) else str(r) for r in row] for row in rates.tolist()]


def _array(rows: Any) -> Rates | None:
    if rows is None:
        return None
    widths = [len(row) for row in rows]
    widest = max(widths, default=1)
    if min(widths, default=1) < widest:
        rows = [[*row, *[np.nan] * (widest - len(row))] for row in rows]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), widest)
