"""What `get_lr()` returns outside a step, taken for the rate of the step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from lrspec.truth.chainable import Walk, scalar_forms
from lrspec.verdict.evidence import Evidence, Prediction, pair

_AGAIN = (
    "get_lr() makes a rate from the one before: outside step() it does so once more, "
    "from the rate that is there already."
)


def once_more(evidence: Evidence) -> Iterator[Prediction]:
    """The step to t is taken again, from the rate of step t.

    What there is to take again at step 0 is a step like any other, the start, or nothing.
    """
    closed, following = scalar_forms(evidence.drive.recipe)
    if evidence.drive.variant != "get-lr" or following is None:
        return
    starts: tuple[Walk, ...] = (
        following,
        lambda rate, _t, _base: closed(0, rate),
        lambda rate, _t, _base: rate,
    )
    row = evidence.first
    right, said = pair(evidence.expected[row], evidence.observed[row])
    told = f"Before step {evidence.step(row)} it says {said} where {right} is used."
    later = _taken(following, evidence, range(1, len(evidence.observed)))
    for start in starts:
        first = _taken(start, evidence, range(min(1, len(evidence.observed))))
        rates = np.concatenate([first, later])
        yield Prediction("a step taken once more", f"{_AGAIN} {told}", rates)


def _taken(walk: Walk, evidence: Evidence, rows: range) -> Any:
    """Return what *walk* makes of the expected rates of *rows*; NaN where it divides by zero."""
    bases = evidence.drive.recipe.bases
    rates = evidence.expected.tolist()
    found = np.full((len(rows), len(bases)), np.nan)
    for row in rows:
        for group, base in enumerate(bases):
            with suppress(ArithmeticError):
                found[row - rows.start, group] = walk(rates[row][group], row, base)
    return found
