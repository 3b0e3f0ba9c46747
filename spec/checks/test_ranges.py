"""A curve keeps the range that its schedule declares, and the range is no wider than the curve."""

from __future__ import annotations

import numpy as np
import pytest
from fifty_digits import formula

from lrspec.conform.cases import Case, cases
from lrspec.truth.formula import parse
from lrspec.truth.landmarks import span
from lrspec.truth.reference import trace

BOUNDS = ("lower", "upper")
RANGED = [case for case in cases() if "range" in case.recipe.schedule.document]
#: The schedules of which not every recipe comes to both bounds.
LOOSE = {
    "cosine_warm_restarts": "a cycle ends before it comes to eta_min",
    "one_cycle": "a peak may lie between two steps, and a rise may take none",
    "reduce_on_plateau": "the metrics may never ask for a reduction",
}
TIGHT = [case for case in RANGED if case.recipe.kind not in LOOSE]


def bounds(case: Case, steps: int, t: int) -> list[float]:
    recipe = case.recipe
    formulas = (parse(recipe.schedule.document["range"][name]) for name in BOUNDS)
    base = recipe.bases[0]
    return [float(formula(recipe, f, "horizon")(t, base, horizon=steps - 1)) for f in formulas]


@pytest.mark.parametrize("case", RANGED, ids=lambda case: case.id)
def test_a_curve_keeps_its_range(case: Case):
    steps = min(2 * span(case.recipe) + 5, 140)
    for t, rate in enumerate(trace(case.recipe, steps)[:, 0]):
        lower, upper = bounds(case, steps, t)
        slack = 1e-15 * max(abs(lower), abs(upper))
        assert lower - slack <= rate <= upper + slack, t


@pytest.mark.parametrize("case", TIGHT, ids=lambda case: case.id)
def test_a_curve_comes_to_both_ends_of_its_range(case: Case):
    steps = 2 * span(case.recipe) + 5
    rates = trace(case.recipe, steps)[:, 0]
    found = [rates.min(), rates.max()]
    np.testing.assert_allclose(found, bounds(case, steps, 0), rtol=1e-12, atol=1e-15 * found[1])
