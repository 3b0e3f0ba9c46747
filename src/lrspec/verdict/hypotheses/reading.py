"""What `get_lr()` returns outside a step, taken for the rate of the step; and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from lrspec.engine.recursive_form import Recurrence, recurrence, scalar_forms
from lrspec.spec.recipe import Recipe
from lrspec.verdict.evidence import Evidence, Prediction, pair

_AGAIN = (
    "get_lr() makes a rate from the one before: outside step() it does so once more, "
    "from the rate that is there already."
)
_STEPPED = (
    "get_lr() steps the schedule inside, which makes its rate from the one before: "
    "each reading takes it one step further."
)
_READINGS = {"called-twice": 2, "returned": 1}  # how often get_lr() is called for an update


def advanced(evidence: Evidence) -> Iterator[Prediction]:
    """What is nested takes each of its steps once more at every reading."""
    recipe, variant = evidence.scenario.recipe, evidence.scenario.id.variant
    if evidence.scenario.id.name != "get_lr" or recipe.schedule.composition is None:
        return
    columns = []
    for base in recipe.bases:
        walk = recurrence(recipe, lambda found: _outer_closed(recipe, found))
        rate: Any = base
        column = []
        for t in range(len(evidence.observed)):
            made = [rate := walk(rate, t, base) for _ in range(1 + _READINGS[variant])]
            column.append(made[-1] if variant == "returned" else made[0])
        columns.append(column)
    rates = np.array(columns).T.reshape(len(evidence.observed), len(columns))
    yield Prediction("advanced by reading", f"{_STEPPED} {evidence.seen}", rates)


def _outer_closed(
    recipe: Recipe, found: Recipe
) -> tuple[Callable[[Any, Any], Any], Recurrence | None]:
    closed, following = scalar_forms(found)
    return closed, None if found is recipe else following


def once_more(evidence: Evidence) -> Iterator[Prediction]:
    """The step to t is taken again, from the rate of step t.

    What there is to take again at step 0 is a step like any other, the start, or nothing.
    """
    closed, following = scalar_forms(evidence.scenario.recipe)
    if evidence.scenario.id.variant != "returned" or following is None:
        return
    starts: tuple[Recurrence, ...] = (
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


def _taken(walk: Recurrence, evidence: Evidence, rows: range) -> Any:
    """Return what *walk* makes of the expected rates of *rows*; NaN where it divides by zero."""
    bases = evidence.scenario.recipe.bases
    rates = evidence.expected.tolist()
    found = np.full((len(rows), len(bases)), np.nan)
    for row in rows:
        for group, base in enumerate(bases):
            with suppress(ArithmeticError):
                found[row - rows.start, group] = walk(rates[row][group], row, base)
    return found
