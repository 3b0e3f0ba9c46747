"""The verdict on one run, and what it is based on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lrspec.engine.closed_form import Rates
from lrspec.engine.rules import Rule
from lrspec.scenario.scenario import Scenario, whole
from lrspec.verdict.compare import Difference
from lrspec.verdict.results import Verdict

#: What a verdict compares: the rates, those that are reported or logged, or the momentum.
Of = Literal["rate", "reported rate", "logged rate", "momentum"]


@dataclass(frozen=True)
class Judgement:
    """The verdict on one run, and what it is based on.

    `verdict` is None where nothing was run. `expected` and `actual` are what was compared, one row
    an update, and `of` says what they hold; where the run is unpredicted, `expected` is the
    prediction, otherwise the specification. `row` is the first that differs, and `first` its step.
    `departures` are those that take part. `form` is the one that the run follows where both are
    allowed and differ.
    """

    verdict: Verdict | None
    explanation: str = ""
    departures: tuple[str, ...] = ()
    form: str = ""
    row: int | None = None
    first: float | None = None
    difference: Difference | None = None
    expected: Rates | None = None
    actual: Rates | None = None
    rules: tuple[Rule, ...] = ()
    of: Of = "rate"


@dataclass(frozen=True)
class Precision:
    """The precision of the reported and of the applied rates: `float64` or `float32`."""

    reported: str
    applied: str


def step_of(scenario: Scenario, row: int) -> float:
    """Return the step of *row*, or the step after the last one if *row* is past the end."""
    return whole(scenario.t[row] if row < len(scenario.t) else scenario.t[-1] + 1)


def sentence_of(text: str) -> str:
    """Return *text*, which may end in a message, with one period at its end."""
    return f"{text.rstrip('.')}."
