"""The recursive form, where the specification's closed form was expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates
from lrspec.engine.recursive_form import recurrence, scalar_forms
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.simulation import RECURSIVE, simulate
from lrspec.verdict.evidence import Evidence, Prediction

CHAINED = (
    "Each member acts on the running rate, in its recursive form; where one restates the rate "
    "from the base rate, what the others did is lost."
)
_JUMPED = (
    "A jump takes its rate from the rate before the jump, as if only one step lay between: what "
    "was passed over is not made up for."
)
_REPEATED = "Each jump takes one step more from the rate that is there, to the same step again too."
_LONGEST = 2000  # rows; a walk takes its time
_RESTATED = "After a jump to the right rate each rate follows from the one before."


def recursive(evidence: Evidence) -> Iterator[Prediction]:
    """Each rate follows from the rate before: through a composition, or through a jump."""
    for found in predictions(evidence.scenario):
        yield replace(found, sentence=f"{found.sentence} {evidence.seen}")
    if evidence.scenario.id.name != "jump":
        return
    if evidence.scenario.id.variant == "twice":
        repeated = simulate(evidence.scenario, RECURSIVE)
        yield Prediction("recursive form", f"{_REPEATED} {evidence.seen}", repeated)
    seen_of = evidence.scenario, len(evidence.observed)
    walks = (
        _walked(*seen_of),
        _walked(*seen_of, own_rates=True),
        _walked(*seen_of, anew=False),
    )
    for walked in walks:
        yield Prediction("recursive form", f"{_JUMPED} {evidence.seen}", walked)
    restated = _walked(*seen_of, restated=True)
    yield Prediction("recursive form", f"{_RESTATED} {evidence.seen}", restated)


def restored(evidence: Evidence) -> Iterator[Prediction]:
    """A composition in recursive form is resumed in good order, and goes on so."""
    scenario = evidence.scenario
    right = scenario.id.name == "resume_state" and scenario.id.variant == "right"
    if right and scenario.recipe.schedule.composition is not None:
        yield Prediction(RECURSIVE, f"{CHAINED} {evidence.seen}", simulate(scenario, RECURSIVE))


def predictions(scenario: Scenario) -> Iterator[Prediction]:
    """Return what may come of a composition."""
    if (
        scenario.stepwise
        and scenario.recipe.schedule.composition is not None
        and len(scenario.t) <= _LONGEST
    ):
        yield Prediction("recursive form", CHAINED, _walked(scenario, len(scenario.t)))


@lru_cache(maxsize=256)
def _walked(
    scenario: Scenario,
    rows: int,
    *,
    restated: bool = False,
    own_rates: bool = False,
    anew: bool = True,
) -> Rates:
    """Return the trace of a scheduler that keeps its rate and its step, and nothing else.

    With *restated* a jump sets the rate by the closed form; without, by the recursive one, from the
    rate that the step after the last update had made; a jump to step 0 begins *anew*, or is one
    like any other.
    """
    recipe, steps = scenario.recipe, scenario.t[:rows].tolist()
    following = scalar_forms(recipe)[1]
    closed = scenario.expected[:rows]
    columns = []
    for group, base in enumerate(recipe.bases):
        walk = recurrence(recipe, scalar_forms, own_rates=own_rates)
        rate: Any = base
        column = []
        for row, t in enumerate(steps):
            jumped = row > 0 and t != steps[row - 1] + 1
            if jumped:
                rate = walk(rate, steps[row - 1] + 1, base)
            if jumped and restated:
                rate = closed[row, group]
            elif jumped and t == 0 and following is not None and not anew:
                rate = following(rate, t, base)
            else:
                rate = walk(base if t == 0 else rate, t, base)
            column.append(rate)
        columns.append(column)
    return np.array(columns).T
