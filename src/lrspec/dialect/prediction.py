"""The prediction of one run, from the framework's dialect alone: no observation is used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call
from lrspec.dialect.dialect import dialect_of
from lrspec.dialect.functions import Abort, Predicted
from lrspec.dialect.log import begin
from lrspec.scenario.actions import Action
from lrspec.worker.session import Run, first_line

Rates = NDArray[np.float64]
_ENDLESS = 10**9  # a model does not limit the updates between two reads of the applied rates
#: Messages that differ between versions of CPython.
_MESSAGES = {"ZeroDivisionError": ".*(zero|modulo).*", "OverflowError": ".*"}


@dataclass(frozen=True)
class PredictedError:
    """An exception: its type, and a regular expression that its message's first line matches."""

    type: str
    pattern: str

    def matches(self, line: str) -> bool:
        """Return whether *line*, `Type: message`, is of this exception."""
        kind, _, message = line.partition(": ")
        return kind == self.type and re.fullmatch(self.pattern, message) is not None


@dataclass(frozen=True)
class Prediction:
    """What is predicted of one run.

    `status` is `trace`, `rejected` or `crashed`. Rates have a row per update and a column per
    group, NaN before a group was added; `reported`, `momentum` and `logged` are None where there
    are none. `error` is what a constructor, or the step after the last row, raises. `departures`
    maps those that take part to the first row that they can change.
    """

    status: Literal["trace", "rejected", "crashed"]
    reported: Rates | None
    applied: Rates | None
    momentum: Rates | None
    error: PredictedError | None
    departures: Mapping[str, int]
    logged: Rates | None = None
    state: Any = None

    @property
    def rates(self) -> Rates:
        """The trace: the reported rates, or the applied ones where none are reported."""
        rates = self.applied if self.reported is None else self.reported
        return np.empty((0, 1)) if rates is None else rates

    def departures_until(self, row: int) -> tuple[str, ...]:
        """Return the departures that can have changed *row*, in the order of their execution."""
        return tuple(name for name, first in self.departures.items() if first <= row)

    @property
    def text(self) -> str:
        """The error as its type and message, with an ellipsis for what is not known of it."""
        if self.error is None:
            return ""
        message = re.sub(r"\\d\+|\.\*", "…", self.error.pattern)
        message = re.sub(r"\\(.)", r"\1", message)
        return f"{self.error.type}: {message}"


class _Run(Run):
    """A run that keeps its exception, whose message may be a pattern."""

    raised: Exception | None = None

    def failed(self, error: Exception) -> None:
        self.raised = error


def predict(
    backend: Backend, trees: Sequence[Call], base_lr: Sequence[float], actions: Sequence[Action]
) -> Prediction | None:
    """Return the prediction for *actions* on schedulers built as *trees* on one optimizer.

    *base_lr* are the optimizer's rates, one per group. None if the framework has no dialect.
    """
    dialect = dialect_of(backend)
    if dialect is None:
        return None
    log = begin()
    try:
        session = dialect.session(dialect.classes, trees[0], base_lr, backend.name)
        for tree in trees[1:]:
            session.also(tree)
    except Exception as raised:  # a model raises what its framework raises
        return Prediction("rejected", None, None, None, _error(raised), log.first)
    run = _Run(session, _ENDLESS)
    try:
        run.follow([(verb, argument) for verb, argument in actions])
    except Abort:
        return Prediction("crashed", None, None, None, None, log.first)
    momentum = _rows(run.momenta)
    error = None if run.raised is None else _error(run.raised)
    return Prediction(
        "trace",
        _rows(run.reported),
        _rows(run.applied),
        momentum,
        error,
        log.first,
        _rows(run.logged),
        run.state,
    )


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
    if any(len(row) < widest for row in given):
        given = [[*row, *[np.nan] * (widest - len(row))] for row in given]
    return np.array(given, dtype=np.float64).reshape(len(given), widest)
