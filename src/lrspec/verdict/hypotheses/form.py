"""The chainable form, where the specification's closed form was expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lrspec.truth.chainable import scalar_forms, walk_of
from lrspec.truth.reference import Rates, at
from lrspec.verdict.evidence import Evidence, Explanation, seen

_CHAINED = (
    "Each member acts on the running rate, in its chainable form; where one restates the rate "
    "from the base rate, what the others did is lost."
)
_JUMPED = (
    "A jump takes its rate from the rate before the jump, as if only one step lay between: what "
    "was passed over is not made up for."
)
_RESTATED = "After a jump to the right rate each rate follows from the one before."


def chainable(evidence: Evidence) -> Iterator[Explanation]:
    """Each rate follows from the rate before: through a composition, or through a jump."""
    if evidence.drive.stepwise:
        if evidence.fits(_walked(evidence)):
            yield Explanation("chainable form", f"{_CHAINED} {seen(evidence)}")
        return
    if evidence.fits(_walked(evidence)) or evidence.fits(_walked(evidence, own_rates=True)):
        yield Explanation("chainable form", f"{_JUMPED} {seen(evidence)}")
    if evidence.fits(_walked(evidence, restated=True)):
        yield Explanation("chainable form", f"{_RESTATED} {seen(evidence)}")


def _walked(evidence: Evidence, *, restated: bool = False, own_rates: bool = False) -> Rates:
    """Return the trace of a scheduler that keeps its rate and its step, and nothing else.

    With *restated* a jump sets the rate by the closed form; without, by the chainable one, from the
    rate that the step after the last update had made.
    """
    recipe, steps = evidence.drive.recipe, evidence.drive.t[: len(evidence.observed)].tolist()
    closed = at(recipe, np.asarray(steps))
    columns = []
    for group, base in enumerate(recipe.bases):
        walk = walk_of(recipe, scalar_forms, own_rates=own_rates)
        rate: Any = base
        column = []
        for row, t in enumerate(steps):
            jumped = row > 0 and t != steps[row - 1] + 1
            if jumped:
                rate = walk(rate, steps[row - 1] + 1, base)
            if jumped and restated:
                rate = closed[row, group]
            else:
                rate = walk(base if t == 0 else rate, t, base)
            column.append(rate)
        columns.append(column)
    return np.array(columns).T
