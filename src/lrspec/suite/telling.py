"""Two recipes with the metrics on which their rates differ."""

from __future__ import annotations

import numpy as np

from lrspec.dialect.rates import steps_of
from lrspec.scenario.builders import LONGEST, horizons, telling_scenarios
from lrspec.scenario.metrics import with_metrics
from lrspec.spec.recipe import Recipe


def with_telling_metrics(one: Recipe, other: Recipe) -> tuple[Recipe, Recipe]:
    """Return two recipes with metrics on which their rates differ, if there are any.

    They are returned as they are if their own metrics do that or are not the same, and if one of
    them reads no metric; else with the first of the telling metrics that do. Raises `BadInput`
    where the framework of one of them cannot express it.
    """
    machines = one.schedule.machine, other.schedule.machine
    if None in machines or one.values(1.0)["metrics"] != other.values(1.0)["metrics"]:
        return one, other
    pairs = [(one, other, horizons(one)[1])]
    for scenario in telling_scenarios(one, LONGEST):
        metrics = scenario.recipe.given["metrics"]
        pairs.append((scenario.recipe, with_metrics(other, metrics), len(scenario.t)))
    return next(((a, b) for a, b, steps in pairs if _differ(a, b, steps)), (one, other))


def _differ(one: Recipe, other: Recipe, steps: int) -> bool:
    a, b = (steps_of(recipe, range(steps)) for recipe in (one, other))
    same = a.rates.shape == b.rates.shape and np.allclose(a.rates, b.rates, rtol=1e-9, atol=0.0)
    return not same or a.error != b.error
