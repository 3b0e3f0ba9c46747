"""Helpers for the tests of sources: recipes for two groups, and the error of a source's rates."""

from __future__ import annotations

import numpy as np

from lrspec.codegen.plain_function import rates_after, rates_of
from lrspec.engine import closed_form
from lrspec.engine.state_machine import metric_at
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import Difference, compare

_LONGEST = 3000


def grouped(recipe: Recipe) -> Recipe:
    """Return *recipe* for two groups, the second with a tenth of the rate of the first."""
    base = recipe.bases[0]
    return recipe.with_base(base, base / 10)


def difference(recipe: Recipe, source: str) -> Difference:
    """Return how far the functions of *source* lie from the reference, past the horizon."""
    steps = min(horizons(recipe)[1], _LONGEST)
    expected = closed_form.at(recipe, np.arange(steps))
    if recipe.schedule.machine is None:
        rates = rates_of(source, recipe)
        observed = np.array([rates(t) for t in range(steps)])
    else:
        metrics = [metric_at(recipe, t) for t in range(steps)]
        observed = np.array(list(rates_after(source, metrics)))
    return compare(expected, observed, tolerance_of("float64"))
