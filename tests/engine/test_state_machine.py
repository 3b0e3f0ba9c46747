"""State machines, products over all earlier steps, and the momentum."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrspec import resources
from lrspec.engine import closed_form, recursive_form
from lrspec.engine.state_machine import continued
from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import load

pytestmark = pytest.mark.every_python


def rates(steps: int, **document) -> list[float]:
    document = {"schedule": "reduce_on_plateau", "base_lr": 1, "factor": 0.5, **document}
    return closed_form.trace(from_dict(document), steps)[:, 0].tolist()


def test_a_plateau_waits_reduces_and_cools_down():
    assert rates(9, patience=2) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert rates(9, patience=2, cooldown=1) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_an_improvement_during_a_cooldown_is_the_new_best():
    metrics = [4.0, 4.0, 1.0, 2.0]
    assert rates(5, patience=0, cooldown=1, metrics=metrics) == [1, 1, 0.5, 0.5, 0.25]


def test_a_missing_metric_counts_as_no_improvement():
    assert rates(4, patience=1, metrics=[3.0, None]) == [1, 1, 1, 0.5]
    assert rates(4, patience=1, metrics=[None, 3.0]) == [1, 1, 1, 1]


def test_blocks_and_single_steps_give_the_same_curve():
    recipe = from_dict(
        {"schedule": "reduce_on_plateau", "base_lr": [1, 2], "factor": 0.5, "patience": 5}
    )
    whole = closed_form.trace(recipe, 300)
    np.testing.assert_array_equal(closed_form.at(recipe, [299, 0, 17.5]), whole[[299, 0, 17]])
    assert whole[11].tolist() == [0.5, 1]
    assert whole[299, 0] > 1e-8  # a reduction by eps or less is not made


def test_rates_computed_one_by_one_have_a_last_step():
    for recipe in (
        {"schedule": "reduce_on_plateau"},
        {"schedule": "multiplicative", "factor": "1"},
    ):
        with pytest.raises(BadInput, match="at most 10000000 steps"):
            closed_form.at(from_dict({**recipe, "base_lr": 1}), 10**15)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40))
def test_a_plateau_without_patience_and_threshold_is_the_rule_that_is_set_by_hand(losses):
    """`examples/by_hand/`: the rate is divided by 4 after a loss that is not the best so far."""
    best, rate, by_hand = None, 0.3, [0.3]
    for loss in losses:
        if best is None or loss < best:
            best = loss
        else:
            rate /= 4.0
        by_hand.append(rate)
    arguments = {"factor": 0.25, "patience": 0, "threshold": 0.0, "eps": 0.0, "metrics": losses}
    assert rates(len(losses) + 1, base_lr=0.3, **arguments) == by_hand


def in_mid_run(about: dict, **document):
    return from_dict({"schedule": "reduce_on_plateau", "base_lr": 1, "about": about, **document})


@pytest.mark.parametrize("position", range(1, 9))
def test_a_plateau_that_is_continued_has_the_rates_of_an_uninterrupted_run(position):
    parameters = {"factor": 0.5, "patience": 1, "cooldown": 2, "threshold": 0.0}
    parameters["metrics"] = [4.0, 4.0, 4.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    by_hand = [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
    best = [4.0, 4.0, 4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0][position - 1]
    bad = [0, 1, 0, 0, 0, 1, 0, 0, 0][position - 1]
    cooling = [0, 0, 2, 1, 0, 0, 2, 1, 0][position - 1]
    state = {"best": best, "bad": bad, "cooling": cooling, "rate": [by_hand[position]]}
    recipe = continued(in_mid_run({"position": position, "state": state}, **parameters))
    assert closed_form.trace(recipe, 10 - position)[:, 0].tolist() == by_hand[position:]


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {"best": "low"},
        {"best": float("nan")},
        {"best": 1.0, "rate": [-1.0]},
        {"best": 1.0, "rate": [1.0, 2.0, 3.0]},
        {"best": 1.0, "rate": 0.5},
        {"best": 1.0, "rate": ["fast"]},
    ],
)
def test_a_state_that_is_not_valid_is_no_state(state):
    recipe = in_mid_run({"position": 3, "state": state})
    assert continued(recipe) is recipe


def test_each_group_continues_from_its_own_rate():
    about = {"position": 3, "state": {"best": 1.0, "bad": 1, "rate": [0.5, 0.25]}}
    document = {"schedule": "reduce_on_plateau", "base_lr": [1, 2], "about": about}
    recipe = continued(from_dict({**document, "patience": 1, "factor": 0.5}))
    assert closed_form.trace(recipe, 2).tolist() == [[0.5, 0.25], [0.25, 0.125]]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [([], "a list of 1 to 10000 numbers or nulls"), (["x"], "a number or null"), (3, "a list")],
)
def test_metrics_are_numbers_or_null(metrics, message):
    with pytest.raises(BadInput, match=message):
        rates(2, metrics=metrics)


def test_a_schedule_that_reads_metrics_is_rejected_as_a_member():
    plateau = {"schedule": "reduce_on_plateau"}
    with pytest.raises(
        BadInput, match=r"schedules\[0\].schedule: found reduce_on_plateau, expected a"
    ):
        from_dict({"schedule": "chained", "base_lr": 1, "schedules": [plateau]})


def test_both_forms_of_a_product_agree():
    recipe = from_dict({"schedule": "multiplicative", "base_lr": 3, "factor": "t / (t + 1)"})
    closed = closed_form.trace(recipe, 70_000)[:, 0]
    np.testing.assert_allclose(closed * np.arange(1.0, 70_001), 3, rtol=1e-12)
    np.testing.assert_allclose(recursive_form.trace(recipe, 500)[:, 0], closed[:500], rtol=1e-13)


def test_a_formula_parameter_is_a_function_of_cycles_or_steps():
    cycle = {"schedule": "cyclic", "base_lr": 1, "max_lr": 3, "step_size_up": 4, "mode": "own"}
    by_cycle = from_dict({**cycle, "scale": "1 / t"})
    by_step = from_dict({**cycle, "scale": "1 / t", "scale_mode": "iterations"})
    assert closed_form.at(by_cycle, [4, 12, 20])[:, 0].tolist() == [3, 2, 1 + 2 / 3]
    assert closed_form.at(by_step, [4, 12])[:, 0].tolist() == [1.5, 1 + 2 / 12]


def test_momentum_moves_against_the_rate_if_cycle_momentum_is_true():
    cycle = {"schedule": "cyclic", "base_lr": [1, 2], "max_lr": 3, "step_size_up": 4}
    assert closed_form.momentum(from_dict(cycle), [0]) is None
    moved = closed_form.momentum(from_dict({**cycle, "cycle_momentum": True}), [0, 2, 4, 8])
    np.testing.assert_allclose(moved[:, 0], [0.9, 0.85, 0.8, 0.9], rtol=1e-15)
    assert moved.shape == (4, 2)


@pytest.mark.parametrize(
    "call", ["factor", "product(base_lr, t)", "factor(t, t)", "factor(factor)"]
)
def test_a_formula_parameter_is_called_with_one_number(call: str, tmp_path: Path):
    document = resources.read_json(resources.root() / "spec" / "schedules" / "multiplicative.json")
    path = tmp_path / "other.json"
    path.write_text(json.dumps({**document, "closed": f"base_lr * {call}"}))
    with pytest.raises(BadInput, match=r"other.json: \$.closed"):
        load(path)
