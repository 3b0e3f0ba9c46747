"""What a framework will do in one run, from its dialect alone: nothing observed goes in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrspec.bindings.tree import Call
from lrspec.dialect.dialect import Dialect
from lrspec.dialect.functions import Abort, Predicted
from lrspec.dialect.log import Log, begin
from lrspec.worker.session import Run, first_line

Rates = NDArray[np.float64]
Action = tuple[str, object]
_ENDLESS = 10**9  # a model needs no slots to read applied rates from
#: What CPython says differs between its versions.
_MESSAGES = {"ZeroDivisionError": ".*(zero|modulo).*", "OverflowError": ".*"}


@dataclass(frozen=True)
class PredictedError:
    """An exception: its type, and a regular expression that its message's first line matches."""

    type: str
    pattern: str

    def is_met_by(self, line: str) -> bool:
        """Tell whether *line*, `Type: message`, is of this exception."""
        kind, _, message = line.partition(": ")
        return kind == self.type and re.fullmatch(self.pattern, message) is not None


@dataclass(frozen=True)
class Prediction:
    """What is predicted of one run.

    `status` is `trace`, `rejected` or `crashed`. Rates have a row an update and a column a group,
    NaN before a group was there; `reported` and `momentum` are None where the mode reports none.
    `error` is what a constructor, or the step after the last row, raises. `log` holds the
    departures that took part.
    """

    status: str
    reported: Rates | None
    applied: Rates | None
    momentum: Rates | None
    error: PredictedError | None
    log: Log

    @property
    def rates(self) -> Rates:
        """The trace: the reported rates, or the applied ones where none are reported."""
        rates = self.applied if self.reported is None else self.reported
        return np.empty((0, 1)) if rates is None else rates


class _Run(Run):
    """A run that keeps its exception, whose message may be a pattern."""

    raised: Exception | None = None

    def failed(self, error: Exception) -> None:
        self.raised = error


def predict(
    dialect: Dialect,
    mode: str,
    trees: Sequence[Call],
    base_lr: Sequence[float],
    actions: Sequence[Action],
) -> Prediction:
    """Return what *actions* will show of schedulers built as *trees*, one beside the other.

    *base_lr* are the optimizer's rates, one a group; *mode* is that of a backend.
    """
    log = begin()
    try:
        session = dialect.session(dialect.classes, trees[0], base_lr, mode)
        for tree in trees[1:]:
            session.also(tree)
    except Exception as raised:  # a model raises what its framework raises
        return Prediction("rejected", None, None, None, _error(raised), log)
    run = _Run(session, _ENDLESS)
    try:
        run.follow([(verb, argument) for verb, argument in actions])
    except Abort:
        return Prediction("crashed", None, None, None, None, log)
    momentum = _rows(run.momenta)
    error = None if run.raised is None else _error(run.raised)
    return Prediction("trace", _rows(run.reported), _rows(run.applied), momentum, error, log)


def _error(error: Exception) -> PredictedError:
    kind, _, message = first_line(error).partition(": ")
    if isinstance(error, Predicted):
        return PredictedError(kind, str(error))
    return PredictedError(kind, _MESSAGES.get(kind, re.escape(message)))


def _rows(rows: Sequence[Sequence[float] | None]) -> Rates | None:
    """Return rows of rates as an array, NaN where a group was not yet there."""
    if not rows or rows[0] is None:
        return None
    given = [row for row in rows if row is not None]
    widest = max(map(len, given))
    full = [[*row, *[np.nan] * (widest - len(row))] for row in given]
    return np.asarray(full, dtype=np.float64).reshape(len(full), widest)


def departures(prediction: Prediction, dialect: Dialect, row: int) -> Mapping[str, object]:
    """Return the departures that can have changed *row* of the rates, by their ids."""
    return {name: dialect.departures[name] for name in prediction.log.until(row)}
