"""The input and output of an explanation: a run with both traces, predictions, and the result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates
from lrspec.scenario.scenario import Scenario, whole
from lrspec.spec.tolerance import Tolerance
from lrspec.verdict.compare import Difference, compare, errors, fit


@dataclass(frozen=True)
class Evidence:
    """One run: the specified and the observed rate of each update.

    `assumes` are the framework's defaults that the source relies on.
    """

    scenario: Scenario
    expected: Rates
    observed: Rates
    tolerance: Tolerance
    assumes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def difference(self) -> Difference:
        """The difference of the two traces."""
        return compare(self.expected, self.observed, self.tolerance)

    @property
    def first(self) -> int:
        """The first row that differs."""
        first = self.difference.first
        if first is None:
            raise ValueError("the traces do not differ")
        return first

    def step(self, row: int) -> float:
        """Return the step of row *row*."""
        return whole(self.scenario.t[row])

    @cached_property
    def seen(self) -> str:
        """The first step that differs, as a sentence that ends an explanation."""
        row = self.first
        expected, observed = pair(self.expected[row], self.observed[row])
        step = self.step(row)
        return f"At step {step} it uses {observed} where the specification has {expected}."

    def misfit(self, rates: Rates, tolerance: Tolerance | None = None) -> tuple[bool, float]:
        """Return whether *rates* are the observed ones to within rounding, and their misfit.

        The misfit is the largest error, relative to the peak of *rates*. It is infinite for rates
        of another shape; excess rows of *rates* are ignored.
        """
        rates = rates[: len(self.observed)]
        if rates.shape != self.observed.shape:
            return False, math.inf
        return fit(rates, self.observed, tolerance or self.tolerance)

    def fits(self, rates: Rates) -> bool:
        """Return whether *rates* are the observed ones to within rounding."""
        return self.misfit(rates)[0]


@dataclass(frozen=True)
class Prediction:
    """A hypothesis's prediction for one run: the kind of divergence, a sentence, and the rates.

    `tolerance` is that of the rates; None means the evidence's. `rule` is the number of the
    schedule's rule that is violated, if it does not follow from the step.
    """

    kind: str
    sentence: str
    rates: Rates
    tolerance: Tolerance | None = None
    rule: str | None = None


@dataclass(frozen=True)
class Attempt:
    """The closest prediction of a hypothesis that does not fit.

    `misfit` is the largest error, relative to the peak of the prediction.
    """

    kind: str
    misfit: float


@dataclass(frozen=True)
class Explanation:
    """The kind of a divergence, a sentence on it, and the hypotheses that do not fit.

    `rule` is as in `Prediction`.
    """

    kind: str
    sentence: str
    tried: tuple[Attempt, ...] = ()
    rule: str | None = None


def number(rate: float) -> str:
    """Return *rate* as text, to six digits."""
    return f"{rate + 0.0:.6g}"  # no minus before a zero


def pair(first: Rates, second: Rates) -> tuple[str, str]:
    """Return the rates of the group in which two rows differ most, in enough digits to see it.

    The error is that of *second* with respect to *first*.
    """
    group = int(np.argmax(errors(first, second)))
    a, b = number(first[group]), number(second[group])
    return (a, b) if a != b else (repr(float(first[group])), repr(float(second[group])))
