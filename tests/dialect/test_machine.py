"""The state machine of a dialect, from which a standalone source is written, is that of its class."""

from __future__ import annotations

from random import Random

import pytest

import lrspec
from lrspec.bindings.backend import frameworks
from lrspec.codegen.plain_function import plain, rates_after
from lrspec.dialect.machine import with_own_machine
from lrspec.dialect.rates import steps_of
from lrspec.engine.state_machine import continued, metric_at
from lrspec.scenario.builders import telling_scenarios
from lrspec.scenario.metrics import with_metrics
from lrspec.spec.recipe import from_dict

PLATEAU = {"schedule": "reduce_on_plateau", "base_lr": 1.0, "factor": 0.5, "eps": 0.0}
PARAMETERS = [
    {"patience": patience, "cooldown": cooldown, "mode": mode, "threshold_mode": threshold_mode}
    for patience in (0, 2)
    for cooldown in (0, 1, 3)
    for mode in ("min", "max")
    for threshold_mode in ("rel", "abs")
]
METRICS = (4.0, 3.0, 2.0, 1.0, 0.5, 0.0, -1.0, -2.0, None)


def differing(recipe) -> list[tuple]:
    """Return the metrics with which the class and the machine of the dialect differ."""
    rng = Random(7)
    drawn = [[rng.choice(METRICS) for _ in range(40)] for _ in range(20)]
    recipes = [with_metrics(recipe, metrics) for metrics in drawn]
    recipes += [scenario.recipe for scenario in telling_scenarios(recipe, 300)]
    return [one.given["metrics"] for one in recipes if of_class(one) != of_machine(one)]


def of_class(recipe) -> list[float]:
    return steps_of(recipe, range(41)).rates[:, 0].tolist()


def of_machine(recipe) -> list[float]:
    metrics = [metric_at(recipe, step) for step in range(41)]
    return [rate for (rate,) in rates_after(plain(recipe), metrics)]


@pytest.mark.parametrize("parameters", PARAMETERS, ids=lambda p: "-".join(map(str, p.values())))
@pytest.mark.parametrize("framework", list(frameworks()))
def test_the_machine_of_a_dialect_is_its_class(framework: str, parameters: dict):
    recipe = lrspec.load({**PLATEAU, **parameters}).as_in(framework).recipe
    assert differing(recipe) == []


@pytest.mark.parametrize("counts", [{"bad": 1, "cooling": 0}, {"bad": 0, "cooling": 2}])
@pytest.mark.parametrize("best", [3.0, None])
def test_it_is_also_from_a_state_on(best: float | None, counts: dict[str, int]):
    about = {"position": 9, "state": {"best": best, **counts, "rate": [0.25]}}
    document = {**PLATEAU, "about": about, "patience": 1, "cooldown": 3}
    recipe = continued(lrspec.load(document).as_in("paddle").recipe)
    assert recipe.start is not None
    assert differing(recipe) == []


def test_the_specifications_machine_is_not_paddles():
    recipe = lrspec.load({**PLATEAU, "patience": 0, "cooldown": 2}).as_in("paddle").recipe
    assert with_own_machine(recipe).schedule.machine != recipe.schedule.machine
    specified = recipe.specified
    assert any(
        of_class(scenario.recipe)
        != of_machine(with_metrics(specified, scenario.recipe.given["metrics"]))
        for scenario in telling_scenarios(recipe, 300)
    )


def test_without_formulas_of_its_own_a_dialect_has_the_specifications_machine():
    recipe = from_dict({**PLATEAU, "dialect": {"framework": "torch", "version": "2.13.0"}})
    assert with_own_machine(recipe).schedule is recipe.schedule
