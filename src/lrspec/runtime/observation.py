"""What was observed of one run: its rates, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

import msgspec
import numpy as np

from lrspec.engine.closed_form import Rates

#: Every status of a run. Only `trace` has rates.
Status = Literal["trace", "unsupported", "rejected", "errored", "crashed", "timeout", "absent"]
STATUSES: tuple[Status, ...] = get_args(Status)
#: A rate in JSON, which has no number that is not finite.
Rate = float | Literal["nan", "inf", "-inf"]
Rows = list[list[Rate]]
_NAMES: dict[str, Rate] = {"nan": "nan", "inf": "inf", "-inf": "-inf"}


class Answer(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """An observation as JSON has it, in a worker's answer and in a record.

    Rates are a row an update and a column a group. `applied` may name the rates that it equals:
    the reported ones, or their float32 roundings. `error` is the exception that ended the trace.
    """

    status: Status
    reason: str = ""
    error: str | None = None
    reported: Rows | None = None
    applied: Rows | Literal["reported", "float32"] | None = None
    momentum: Rows | None = None


@dataclass(frozen=True)
class Observation:
    """What was observed of one run.

    `reported` and `applied` hold a row an update and a column a group, NaN before a group was
    added; `reported` is None where the mode reports nothing, `momentum` where it is not moved.
    `applied` holds the rows of the updates, fewer than there are rates where the scheduler was
    stepped alone, and is None where it was from the start. `error` is the exception that ended the
    run early, if one did.
    """

    status: Status
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

    def to_answer(self) -> Answer:
        """Return the JSON form, in which applied rates that follow from others are named."""
        return Answer(
            status=self.status,
            reason=self.reason,
            error=self.error,
            reported=_rows(self.reported),
            applied=self._named() or _rows(self.applied),
            momentum=_rows(self.momentum),
        )

    def _named(self) -> Literal["reported", "float32"] | None:
        if self.reported is None or self.applied is None:
            return None
        if len(self.applied) < len(self.reported):
            return None
        if _same(self.applied, self.reported):
            return "reported"
        return "float32" if _same(self.applied, _rounded(self.reported)) else None


def from_answer(answer: Answer) -> Observation:
    """Return the observation that *answer* states."""
    reported = _array(answer.reported)
    if answer.applied == "reported":
        applied = reported
    elif isinstance(answer.applied, str):
        applied = None if reported is None else _rounded(reported)
    else:
        applied = _array(answer.applied)
    momentum = _array(answer.momentum)
    return Observation(answer.status, answer.reason, reported, applied, answer.error, momentum)


def in_json(row: Rates) -> list[Rate]:
    """Return one row of rates as JSON has it."""
    rates: list[float] = row.tolist()
    return [rate if isfinite(rate) else _NAMES[str(rate)] for rate in rates]


def _rows(rates: Rates | None) -> Rows | None:
    return None if rates is None else list(map(in_json, rates))


def _array(rows: Rows | None) -> Rates | None:
    """Return *rows* as an array; where a group was added late, its column begins with NaN."""
    if rows is None:
        return None
    widths = [len(row) for row in rows]
    widest = max(widths, default=1)
    if min(widths, default=1) < widest:
        rows = [[*row, *[np.nan] * (widest - len(row))] for row in rows]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), widest)


def _rounded(rates: Rates) -> Rates:
    """Return *rates* to the precision of float32; what is too large for it is infinite."""
    with np.errstate(over="ignore"):
        return rates.astype(np.float32).astype(np.float64)


def _same(one: Rates, other: Rates) -> bool:
    """Tell whether two traces are the same numbers, NaN where NaN is and the sign of a zero too."""
    if not np.array_equal(one, other, equal_nan=True):
        return False
    return bool((np.isnan(one) | (np.signbit(one) == np.signbit(other))).all())
