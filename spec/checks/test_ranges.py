"""A curve stays within the range that its schedule declares, and reaches both ends of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from fifty_digits import formula
from recipes import NAMED, Named, each_kind, of_kind

from lrspec.engine.closed_form import trace
from lrspec.engine.landmarks import span
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import Recipe

BOUNDS = ("lower", "upper")
RANGED = [named for named in NAMED if "range" in named.recipe.schedule.document]
#: Schedules of which not every recipe reaches both bounds.
LOOSE = {
    "cosine_warm_restarts": "a cycle ends before it reaches eta_min",
    "one_cycle": "a peak may lie between two steps, and a rise may take none",
    "reduce_on_plateau": "the metrics may never cause a reduction",
}
LONGEST = 2_000_000
TIGHT = [
    named
    for named in RANGED
    if named.recipe.kind not in LOOSE and 2 * span(named.recipe) + 5 <= LONGEST
]


def bounds(recipe: Recipe, steps: int) -> Callable[[int], list[float]]:
    """Return the bounds of the steps 0 to *steps* − 1, as a function of the step."""
    texts = (recipe.schedule.document["range"][name] for name in BOUNDS)
    formulas = [formula(recipe, parse(text), horizon=steps - 1) for text in texts]
    return lambda t: [float(bound(t)) for bound in formulas]


@each_kind
def test_curves_keep_the_range_of_their_schedule(kind: str):
    for named in of_kind(kind, RANGED):
        check_range(named)


@each_kind
def test_curves_reach_both_ends_of_the_range(kind: str):
    for named in of_kind(kind, TIGHT):
        check_ends(named)


def test_most_schedules_declare_a_range():
    assert len({named.recipe.kind for named in RANGED}) > 10


def check_range(named: Named) -> None:
    steps = min(2 * span(named.recipe) + 5, 140)
    at = bounds(named.recipe, steps)
    for t, rate in enumerate(trace(named.recipe, steps)[:, 0]):
        lower, upper = at(t)
        slack = 1e-15 * max(abs(lower), abs(upper))
        assert lower - slack <= rate <= upper + slack, f"{named.id} at step {t}"


def check_ends(named: Named) -> None:
    steps = min(2 * span(named.recipe) + 5, LONGEST)
    rates = trace(named.recipe, steps)[:, 0]
    observed = [rates.min(), rates.max()]
    expected = bounds(named.recipe, steps)(0)
    np.testing.assert_allclose(
        observed, expected, rtol=1e-12, atol=1e-15 * observed[1], err_msg=named.id
    )
