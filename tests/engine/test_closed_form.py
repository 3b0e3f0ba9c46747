"""The reference engine: values worked out by hand, and properties of any recipe."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrspec
from lrspec.engine import closed_form
from lrspec.engine.closed_form import at, trace
from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

CONSTANT_HALF = {"schedule": "constant", "factor": 0.5, "total_iters": 3}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        # from the formula of the paper, or published with the report
        (
            {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 3},
            [1, 0.75, 0.25, 0, 0.25, 0.75, 1],
        ),
        (
            {
                "schedule": "polynomial",
                "base_lr": 1,
                "total_iters": 4,
                "end_lr": 0.1,
                "cycle": True,
            },
            [1, 0.775, 0.55, 0.325, 0.1, 0.4375, 0.325, 0.2125, 0.1, 0.325],
        ),
        (
            {
                "schedule": "linear",
                "base_lr": 0.1,
                "start_factor": 0.5,
                "end_factor": 0.9,
                "total_iters": 4,
            },
            [0.05, 0.06, 0.07, 0.08, 0.09, 0.09],
        ),
        (
            {"schedule": "linear_warmup", "base_lr": 0.5, "warmup_steps": 5, "start_lr": 0.1},
            [0.1, 0.18, 0.26, 0.34, 0.42, 0.5, 0.5],
        ),
        (
            {
                "schedule": "sequential",
                "base_lr": 1,
                "milestones": [3],
                "schedules": [
                    {"schedule": "constant", "factor": 0.5, "total_iters": 3},
                    {"schedule": "constant", "factor": 0.3, "total_iters": 4},
                ],
            },
            [0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 1],
        ),
        (
            {"schedule": "cosine_warm_restarts", "base_lr": 0.5, "T_0": 1, "T_mult": 2},
            [0.5, 0.5, 0.25, 0.5, 0.25 + math.sqrt(2) / 8, 0.25, 0.25 - math.sqrt(2) / 8, 0.5],
        ),
        (
            {
                "schedule": "sequential",
                "base_lr": 1,
                "milestones": [2],
                "time": "global",
                "schedules": [
                    {"schedule": "constant", "factor": 0.1, "total_iters": 2},
                    {"schedule": "exponential", "gamma": 0.9},
                ],
            },
            [0.1, 0.1, 0.81, 0.729],
        ),
        ({"schedule": "constant", "base_lr": 0.05, "factor": 0.1, "total_iters": 0}, [0.05, 0.05]),
        ({"schedule": "piecewise_constant", "boundaries": [1, 1], "values": [1, 2, 3]}, [1, 3, 3]),
        ({"schedule": "linear_warmup", "base_lr": 2, "warmup_steps": 1}, [0, 2, 2]),
    ],
)
def test_a_trace_has_the_rates_worked_out_by_hand(document: dict, expected: list[float]):
    rates = trace(from_dict(document), len(expected))
    np.testing.assert_allclose(rates[:, 0], expected, rtol=1e-15, atol=1e-16)


def test_the_published_example_has_the_rates_worked_out_by_hand():
    rates = trace(lrspec.load("one-sentence").recipe, 121)[:, 0]
    assert rates[[0, 1, 9, 10, 100]].tolist() == [0, 0.1, 0.9, 1, 0]
    assert rates[50] == pytest.approx(0.586824, abs=5e-7)
    assert rates[99] == pytest.approx(0.000305, abs=5e-7)
    assert rates[120] == pytest.approx(0.117, abs=5e-4)


def leaves() -> st.SearchStrategy[dict]:
    steps = st.integers(1, 12)
    gamma = st.floats(0.1, 0.99)
    return st.one_of(
        st.builds(
            lambda f, n: {"schedule": "constant", "factor": f, "total_iters": n}, gamma, steps
        ),
        st.builds(
            lambda f, n: {"schedule": "linear", "start_factor": f, "total_iters": n}, gamma, steps
        ),
        st.builds(lambda g: {"schedule": "exponential", "gamma": g}, gamma),
        st.builds(lambda g, n: {"schedule": "step", "step_size": n, "gamma": g}, gamma, steps),
        st.builds(lambda n: {"schedule": "cosine_annealing", "T_max": n}, steps),
        st.builds(lambda n: {"schedule": "cosine_decay", "decay_steps": n, "alpha": 0.1}, steps),
        st.builds(
            lambda n, m: {"schedule": "cosine_warm_restarts", "T_0": n, "T_mult": m},
            steps,
            st.integers(1, 4),
        ),
        st.builds(
            lambda n, c: {"schedule": "polynomial", "total_iters": n, "cycle": c},
            steps,
            st.booleans(),
        ),
        st.builds(lambda n: {"schedule": "multistep", "milestones": [n, n + 3]}, steps),
        st.just({"schedule": "lambda", "factor": "1 / (t + 1)"}),
    )


def compositions(members: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
    return st.one_of(
        st.builds(
            lambda n, a: {"schedule": "linear_warmup", "warmup_steps": n, "after": a},
            st.integers(1, 8),
            members,
        ),
        st.builds(
            lambda n, a, b, time: {
                "schedule": "sequential",
                "schedules": [a, b],
                "milestones": [n],
                "time": time,
            },
            st.integers(0, 20),
            members,
            members,
            st.sampled_from(["local", "global"]),
        ),
        st.builds(lambda a, b: {"schedule": "chained", "schedules": [a, b]}, members, members),
    )


RECIPES = st.recursive(leaves(), compositions, max_leaves=5)


@given(RECIPES, st.lists(st.integers(0, 60), min_size=1, max_size=20))
def test_any_steps_in_any_order_are_rows_of_the_trace(document: dict, steps: list[int]):
    recipe = from_dict({**document, "base_lr": [1.0, 0.3]})
    whole = trace(recipe, 61)
    assert at(recipe, steps).tolist() == whole[steps].tolist()


@given(RECIPES)
def test_a_curve_that_scales_with_the_base_rate_is_a_multiple_of_it(document: dict):
    recipe = from_dict({**document, "base_lr": [1.0, 0.25]})
    if recipe.scales_with_base():
        rates = trace(recipe, 50)
        np.testing.assert_allclose(rates[:, 1], rates[:, 0] / 4, rtol=1e-14)


@given(RECIPES, RECIPES, st.integers(0, 30))
def test_a_sequence_has_the_rates_of_its_members_in_turn(first: dict, second: dict, milestone: int):
    whole = from_dict(
        {
            "schedule": "sequential",
            "base_lr": 1,
            "schedules": [first, second],
            "milestones": [milestone],
        }
    )
    rates = trace(whole, milestone + 20)
    assert (
        rates[:milestone].tolist() == trace(from_dict({**first, "base_lr": 1}), milestone).tolist()
    )
    assert rates[milestone:].tolist() == trace(from_dict({**second, "base_lr": 1}), 20).tolist()


def test_a_member_is_evaluated_at_its_own_steps_only():
    """The second member has no finite rate before its own step 0."""
    recipe = from_dict(
        {
            "schedule": "sequential",
            "base_lr": 1,
            "milestones": [5],
            "schedules": [CONSTANT_HALF, {"schedule": "lambda", "factor": "(t + 1) ** 0.5"}],
        }
    )
    assert np.isfinite(trace(recipe, 10)).all()


def test_a_trace_does_not_depend_on_the_block_size(monkeypatch: pytest.MonkeyPatch):
    recipe = lrspec.load("one-sentence").recipe
    whole = trace(recipe, 200)
    for block in (1, 7, 10, 64):
        monkeypatch.setattr(closed_form, "_BLOCK", block)
        assert trace(recipe, 200).tolist() == whole.tolist()


def test_only_the_result_grows_with_the_number_of_steps():
    few, many = 500_000, 2_000_000
    _peak_memory(few)  # what is compiled is kept
    assert abs(_peak_memory(many) - _peak_memory(few) - 8 * (many - few)) < 100_000


def _peak_memory(steps: int) -> int:
    recipe = lrspec.load("one-sentence").recipe
    tracemalloc.start()
    try:
        trace(recipe, steps)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_rates_near_step_10_to_the_15_are_exact():
    restarts = from_dict({"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 1, "T_mult": 3})
    start = (3**32 - 1) // 2  # 926510094425920, a restart
    assert at(restarts, [start, start + 3**32 // 3]).ravel() == pytest.approx([1, 0.75], abs=1e-15)
    assert at(restarts, start - 1)[0] < 1e-15


def test_steps_outside_the_domain_are_rejected():
    recipe = from_dict({"schedule": "step", "base_lr": 1, "step_size": 2})
    for bad in (-1, 2.0**54, math.nan, math.inf, [0, -3]):
        with pytest.raises(BadInput, match=r"steps from 0 to 2\*\*53"):
            at(recipe, bad)
    with pytest.raises(BadInput, match="0 or more"):
        trace(recipe, -1)
    assert trace(recipe, 0).shape == (0, 1)


def test_a_rate_that_is_not_finite_is_rejected_with_its_step():
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": "1 / (t - 3)"})
    with pytest.raises(BadInput, match="no finite rate at step 3,"):
        trace(recipe, 10)
    growing = from_dict({"schedule": "exponential", "base_lr": 1, "gamma": 1e300})
    with pytest.raises(BadInput, match="no finite rate at step 2,"):
        trace(growing, 10)


def test_a_schedule_gives_floats_arrays_and_groups():
    one = lrspec.load({"schedule": "step", "base_lr": 1, "step_size": 2, "gamma": 0.5})
    assert one(4) == 0.25
    assert {type(one(t)) for t in (4, 4.5, np.int64(4), np.array(4))} == {float}
    assert one([[0, 1], [2, 4]]).tolist() == [[1, 1], [0.5, 0.25]]
    assert one.trace(3).tolist() == [[1], [1], [0.5]]
    two = lrspec.load({**one.to_dict(), "base_lr": [1, 2]})
    assert two(2).tolist() == [0.5, 1]
    assert two([0, 2]).tolist() == [[1, 2], [0.5, 1]]
    assert one.trace(3, form="recursive").tolist() == [[1], [1], [0.5]]
    with pytest.raises(BadInput, match="closed or recursive"):
        one.trace(3, form="chainable")


def test_two_schedules_or_traces_are_compared():
    cosine = lrspec.load({"schedule": "cosine_annealing", "base_lr": 1, "T_max": 4})
    decay = lrspec.load({"schedule": "cosine_decay", "base_lr": 1, "decay_steps": 4})
    assert lrspec.compare(cosine, decay, steps=5).kind == "exact"
    difference = lrspec.compare(cosine, decay)
    assert (difference.kind, difference.first) == ("divergence", 5)
    assert lrspec.compare(cosine, cosine.trace(9)).kind == "exact"


@pytest.mark.parametrize("bad", ["x", 1j, {}, None, 10**400, object()])
def test_steps_that_are_no_numbers_are_rejected(bad):
    step = lrspec.load({"schedule": "step", "base_lr": 1, "step_size": 2})
    with pytest.raises(BadInput):
        step(bad)


@pytest.mark.parametrize("bad", [2.5, "3", None, -1])
def test_a_number_of_steps_that_is_no_whole_number_is_rejected(bad):
    with pytest.raises(BadInput, match="a whole number, 0 or more"):
        lrspec.load("one-sentence").trace(bad)
