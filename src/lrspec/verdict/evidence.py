"""What an explanation has to go on: the recipe, the drive, and both traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lrspec.truth.drive import Drive, whole
from lrspec.truth.reference import Rates
from lrspec.truth.tolerance import Tolerance
from lrspec.verdict.compare import Difference, close, compare, errors


@dataclass(frozen=True)
class Evidence:
    """One run: what the specification says of each update, and what was seen.

    `assumes` are the framework's own defaults that the source leaves to it.
    """

    drive: Drive
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
        return whole(self.drive.t[row])

    def fits(self, prediction: Rates) -> bool:
        """Tell whether *prediction* is what was seen, within rounding."""
        prediction = prediction[: len(self.observed)]
        if prediction.shape != self.observed.shape:
            return False
        return close(prediction, self.observed, self.tolerance)


@dataclass(frozen=True)
class Explanation:
    """What kind of divergence it is, in a word and in a sentence."""

    kind: str
    sentence: str


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


def seen(evidence: Evidence) -> str:
    """Return the first step that differs, as the last sentence of an explanation."""
    row = evidence.first
    expected, observed = pair(evidence.expected[row], evidence.observed[row])
    return (
        f"At step {evidence.step(row)} it uses {observed} where the specification has {expected}."
    )
