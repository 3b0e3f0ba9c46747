"""Metrics that tell implementations of a plateau apart."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import Mutant, mutants, normal

from lrspec import resources
from lrspec.engine.closed_form import trace
from lrspec.engine.state_machine import continued
from lrspec.scenario.builders import expand
from lrspec.scenario.declaration import declared
from lrspec.scenario.metrics import telling_metrics, with_metrics
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import from_document, schedules

KIND = "reduce_on_plateau"
NAMES = ("cooldown", "equal", "patience", "negative", "lowest", "nan")


def plateau(**parameters) -> Recipe:
    return from_dict({"schedule": KIND, "base_lr": 0.1, "factor": 0.5, **parameters})


PARAMETERS = {
    "mode": ["min", "max"],
    "threshold_mode": ["rel", "abs"],
    "threshold": [0.25, 0.0],
    "patience": [0, 2],
    "cooldown": [0, 1, 3],
    "min_lr": [0.0, 0.01],
    "eps": [1e-8, 0.05],  # 0.1 - 0.05 is not more
}
RECIPES = [plateau(**dict(zip(PARAMETERS, v, strict=True))) for v in product(*PARAMETERS.values())]


def test_each_sequence_is_a_variant_of_the_scenario_metrics_that_runs_by_name():
    recipe = plateau(patience=2, cooldown=1)
    assert tuple(telling_metrics(recipe, 99)) == NAMES
    assert tuple(declared()["metrics"].variants) == NAMES
    assert [str(one.id) for one in expand(recipe, "metrics", 20)] == ["metrics@20"]
    (cooldown,) = expand(recipe, "metrics:cooldown", 99)
    assert cooldown.expected.tolist()[-1] < cooldown.expected.tolist()[0]


def test_a_new_best_metric_falls_into_the_cooldown():
    """Worked out by hand: patience 1, cooldown 2, threshold a quarter of the best metric."""
    recipe = plateau(patience=1, cooldown=2, threshold=0.25)
    metrics = telling_metrics(recipe, 99)["cooldown"]
    assert metrics[:7] == (4.0, 6.0, 6.0, 0.5625, 6.0, 1.5, 1.5)  # limits: 3, 1.125, 0.421875
    (scenario,) = expand(recipe, "metrics:cooldown", 99)
    assert scenario.expected[:8, 0].tolist() == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025]


def test_a_metric_lies_on_the_limit_and_one_just_beyond_it():
    recipe = plateau(mode="max", patience=1, threshold=0.25)
    assert telling_metrics(recipe, 99)["equal"] == (
        *[4.0] * 3,
        *[5.0] * 2,
        math.nextafter(5.0, 6.0),
        *[4.0] * 3,
    )


def survivors() -> list[Mutant]:
    """Return the mutants of the state machine that have the specified rates in every sequence."""
    of_machine = [m for m in mutants(schedules()[KIND].document) if m.path[0] == "machine"]
    assert len(of_machine) > 100
    left = [(mutant, from_document(mutant.document)) for mutant in of_machine]
    for recipe in RECIPES:
        for metrics in telling_metrics(recipe, 99).values():
            telling = with_metrics(recipe, metrics)
            expected = trace(telling, len(metrics) + 1)
            left = [
                (mutant, schedule)
                for mutant, schedule in left
                if not differs(replace(telling, schedule=schedule), expected)
            ]
    return [mutant for mutant, _ in left]


def differs(recipe: Recipe, expected: np.ndarray) -> bool:
    try:
        return not np.array_equal(trace(recipe, len(expected)), expected)
    except (ArithmeticError, ValueError):
        return True


def test_every_change_of_the_state_machine_shows_in_a_sequence():
    """But for those that change no rate, which `tests/equivalent_mutants.json` gives reasons for."""
    equivalent = {
        (entry["place"], normal(entry["mutant"]))
        for entry in resources.read_json(resources.root() / "tests" / "equivalent_mutants.json")
        if KIND in entry["schedules"]
    }
    assert {(m.place, m.after) for m in survivors()} - equivalent == set()


@pytest.mark.parametrize(
    "lost",
    [{"best": math.inf}, {"bad": 0}, {"cooling": 0}],
    ids=lambda lost: next(iter(lost)),
)
def test_a_part_of_the_state_that_is_lost_in_mid_run_shows_in_a_sequence(lost):
    state = {"best": 0.125, "bad": 1, "cooling": 2, "rate": [0.05]}
    about = {"position": 9, "state": state}
    recipe = continued(plateau(patience=2, cooldown=3, about=about))
    assert recipe.bases == (0.05,)
    forgetful = replace(recipe, start={**recipe.start, **lost})
    if "cooling" not in lost:  # the first metric after a cooldown counts from 0
        recipe, forgetful = (
            replace(r, start={**r.start, "cooling": 0}) for r in (recipe, forgetful)
        )
    shown = [
        name
        for name, metrics in telling_metrics(recipe, 99).items()
        if differs(with_metrics(forgetful, metrics), trace(with_metrics(recipe, metrics), 99))
    ]
    assert "lowest" in shown


numbers = st.floats(-1e6, 1e6)


@given(
    st.sampled_from(RECIPES),
    st.one_of(st.none(), numbers),
    st.sampled_from([0, 3, 10**15]),
    st.sampled_from([0, 2, 10**15]),
)
def test_the_metrics_are_finite_and_no_more_than_asked_for(recipe, best, patience, cooldown):
    given_ = {**recipe.given, "patience": patience, "cooldown": cooldown}
    recipe = replace(recipe, given=given_, start=None if best is None else {"best": best})
    for metrics in telling_metrics(recipe, 500).values():
        assert 0 < len(metrics) <= 500
        assert all(m is None or math.isfinite(m) for m in metrics)
