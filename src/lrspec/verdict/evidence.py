"""What an explanation has to go on: the recipe, the scenario, and both traces."""

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
    """One run: what the specification says of each update, and what was seen.

    `assumes` are the framework's own defaults that the source leaves to it.
    """

    scenario: Scenario
    expected: Rates
    observed: Rates
    tolerance: Tolerance
    assumes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def difference(self) -> Difference:
        """How the two traces differ."""
        return compare(self.expected, self.observed, self.tolerance)

    @property
    def first(self) -> int:
        """The first row that differs."""
        first = self.difference.first
        if first is None:
            raise ValueError("the traces do not differ")
        return first

    def step(self, row: int) -> float:
        """Return the step whose rate row *row* must use."""
        return whole(self.scenario.t[row])

    @cached_property
    def seen(self) -> str:
        """The first step that differs, as the last sentence of an explanation."""
        row = self.first
        expected, observed = pair(self.expected[row], self.observed[row])
        step = self.step(row)
        return f"At step {step} it uses {observed} where the specification has {expected}."

    def misfit(self, rates: Rates, tolerance: Tolerance | None = None) -> tuple[bool, float]:
        """Tell whether *rates* are what was seen, within rounding, and how far off they are.

        The misfit is the largest error relative to the peak of *rates*, which may be longer than
        what was seen; it is infinite for rates of another shape.
        """
        rates = rates[: len(self.observed)]
        if rates.shape != self.observed.shape:
            return False, math.inf
        return fit(rates, self.observed, tolerance or self.tolerance)

    def fits(self, rates: Rates) -> bool:
        """Tell whether *rates* are what was seen, within rounding."""
        return self.misfit(rates)[0]


@dataclass(frozen=True)
class Prediction:
    """What a hypothesis says of one run: the kind of divergence, a sentence, and the rates.

    `tolerance` is that of the rates, the evidence's if it is None; `rule` is the number of the
    schedule's rule that would be broken, where the hypothesis knows it better than the step does.
    """

    kind: str
    sentence: str
    rates: Rates
    tolerance: Tolerance | None = None
    rule: str | None = None


@dataclass(frozen=True)
class Attempt:
    """The nearest of a hypothesis's predictions: its kind, and how far it is from what was seen.

    `misfit` is the largest error, relative to the peak of the prediction.
    """

    kind: str
    misfit: float


@dataclass(frozen=True)
class Explanation:
    """What kind of divergence it is, in a word and in a sentence, and what was tried for it.

    `rule` is as in `Prediction`.
    """

    kind: str
    sentence: str
    tried: tuple[Attempt, ...] = ()
    rule: str | None = None


def number(rate: float) -> str:
    """Return a rate as a person reads it."""
    return f"{rate + 0.0:.6g}"  # no minus before a zero


def pair(first: Rates, second: Rates) -> tuple[str, str]:
    """Return the rates of the group in which two rows differ most, in as many digits as they need.

    *first* is the row that the other is held against.
    """
    group = int(np.argmax(errors(first, second)))
    a, b = number(first[group]), number(second[group])
    return (a, b) if a != b else (repr(float(first[group])), repr(float(second[group])))
