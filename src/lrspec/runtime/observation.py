"""The observation of one run: its rates, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import msgspec
import numpy as np

from lrspec.engine.closed_form import Rates
from lrspec.text_input import Line

#: Every status of a run. Only `trace` has rates.
Status = Literal["trace", "unsupported", "rejected", "errored", "crashed", "timeout", "absent"]
#: A rate in JSON, whose numbers are all finite.
Rate = float | Literal["nan", "inf", "-inf"]
Rows = list[list[Rate]]
_NAMES: dict[str, Rate] = {"nan": "nan", "inf": "inf", "-inf": "-inf"}


class Answer(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The JSON form of an `Observation`, in a worker's answer and in a record.

    `applied` may name the rates that it equals: the reported ones, or those rounded to float32;
    `logged` may name the reported ones.
    """

    status: Status
    reason: Line = ""
    error: Line | None = None
    reported: Rows | None = None
    applied: Rows | Literal["reported", "float32"] | None = None
    momentum: Rows | None = None
    logged: Rows | Literal["reported"] | None = None
    state: Any = None


@dataclass(frozen=True)
class Observation:
    """What was observed of one run.

    `reported`, `applied`, `momentum` and `logged` have a row per update and a column per group, NaN
    before a group was added. `reported` is None if the mode reports no rates, `momentum` if no
    scheduler changes it. `logged` is what `get_last_lr()` returns, None without it. `applied` has
    no rows for steps without an update, and is None if there were only such steps. `error` is the
    exception that ended the run early, None if none did. `state` is what the schedulers would save
    at the end, a list of JSON values.
    """

    status: Status
    reason: str = ""
    reported: Rates | None = None
    applied: Rates | None = None
    error: str | None = None
    momentum: Rates | None = None
    logged: Rates | None = None
    state: Any = None

    @property
    def rates(self) -> Rates:
        """The trace: the reported rates, or the applied ones where none are reported."""
        rates = self.applied if self.reported is None else self.reported
        return np.empty((0, 1)) if rates is None else rates

    def to_answer(self) -> Answer:
        """Return the JSON form, in which applied rates that equal the reported ones are named."""
        applied: Rows | Literal["reported", "float32"] | None = _rows(self.applied)
        if self.reported is not None and self.applied is not None:
            if _is_same(self.applied, self.reported):
                applied = "reported"
            elif _is_same(self.applied, _rounded(self.reported)):
                applied = "float32"
        return Answer(
            status=self.status,
            reason=self.reason,
            error=self.error,
            reported=_rows(self.reported),
            applied=applied,
            momentum=_rows(self.momentum),
            logged="reported" if self._logs_what_it_reports() else _rows(self.logged),
            state=self.state,
        )

    def _logs_what_it_reports(self) -> bool:
        if self.logged is None or self.reported is None:
            return False
        return _is_same(self.logged, self.reported)


def from_answer(answer: Answer) -> Observation:
    """Return the observation whose JSON form is *answer*."""
    reported = _array(answer.reported)
    if not isinstance(answer.applied, str):
        applied = _array(answer.applied)
    elif answer.applied == "reported" or reported is None:
        applied = reported
    else:
        applied = _rounded(reported)
    logged = reported if isinstance(answer.logged, str) else _array(answer.logged)
    momentum = _array(answer.momentum)
    return Observation(
        answer.status,
        answer.reason,
        reported,
        applied,
        answer.error,
        momentum,
        logged,
        answer.state,
    )


def in_json(row: Rates) -> list[Rate]:
    """Return the JSON form of one row of rates."""
    return [rate if isfinite(rate) else _NAMES[str(rate)] for rate in row.tolist()]


def _rows(rates: Rates | None) -> Rows | None:
    return None if rates is None else list(map(in_json, rates))


def _array(rows: Rows | None) -> Rates | None:
    """Return *rows* as an array; the column of a group that was added later begins with NaN."""
    if rows is None:
        return None
    widths = [len(row) for row in rows]
    widest = max(widths, default=1)
    if min(widths, default=1) < widest:
        rows = [[*row, *[np.nan] * (widest - len(row))] for row in rows]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), widest)


def _rounded(rates: Rates) -> Rates:
    """Return *rates* rounded to float32; those beyond its range become infinite."""
    with np.errstate(over="ignore"):
        return rates.astype(np.float32).astype(np.float64)


def _is_same(one: Rates, other: Rates) -> bool:
    """Return whether two traces are equal, including the positions of NaN and the signs of zero."""
    if not np.array_equal(one, other, equal_nan=True):
        return False
    return bool((np.isnan(one) | (np.signbit(one) == np.signbit(other))).all())
