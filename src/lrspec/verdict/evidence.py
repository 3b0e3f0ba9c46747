"""What an explanation has to go on: the recipe, the drive, and both traces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrspec.truth.drive import Drive
from lrspec.truth.reference import Rates
from lrspec.truth.tolerance import Tolerance
from lrspec.verdict.compare import Difference, compare


@dataclass(frozen=True)
class Evidence:
    """One run: what the specification says of each update, and what was seen."""

    drive: Drive
    expected: Rates
    observed: Rates
    tolerance: Tolerance

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

    def step(self, row: int) -> int:
        """Return the step whose rate row *row* must use."""
        return int(self.drive.t[row])

    def fits(self, prediction: Rates) -> bool:
        """Tell whether *prediction* is what was seen, within rounding."""
        if prediction.shape != self.observed.shape:
            return False
        return compare(prediction, self.observed, self.tolerance).kind in ("exact", "rounding")


@dataclass(frozen=True)
class Explanation:
    """What kind of divergence it is, in a word and in a sentence."""

    kind: str
    sentence: str


def number(rate: float) -> str:
    """Return a rate as a person reads it."""
    return f"{rate + 0.0:.6g}"  # no minus before a zero


def seen(evidence: Evidence) -> str:
    """Return the first step that differs, as the last sentence of an explanation."""
    row = evidence.first
    group = int(np.argmax(np.abs(evidence.observed[row] - evidence.expected[row])))
    return (
        f"At step {evidence.step(row)} it uses {number(evidence.observed[row, group])} where the "
        f"specification has {number(evidence.expected[row, group])}."
    )
