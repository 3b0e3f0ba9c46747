"""The engine's rates are as near to the exact ones as the specification says."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import accuracy
import oracle
import pytest
from mpmath import mpf
from wide_recipes import wide

from lrspec.engine.closed_form import at, trace
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules

pytestmark = pytest.mark.every_python


def recipe(kind: str, **parameters: object) -> Recipe:
    return from_dict({"schedule": kind, "base_lr": 1.0, **parameters})


@pytest.mark.parametrize("part", range(10))
def test_random_recipes_are_within_the_bounds_of_their_schedules(part: int):
    table = accuracy.measure(range(100 * part, 100 * part + 100))
    assert sum(found.recipes for found in table.values()) == 100


def test_every_schedule_is_drawn():
    drawn = {wide(Random(seed)).kind for seed in range(1000)}
    assert drawn == set(schedules())


def test_an_array_beyond_its_bound_is_noticed(monkeypatch: pytest.MonkeyPatch):
    line = recipe("linear", total_iters=7)
    schedule = line.schedule
    strict = replace(schedule, document={**schedule.document, "accuracy": {"ulp": 1e-3}})
    assert accuracy.errors(line, [1, 2, 3]).bound <= 1
    assert accuracy.errors(replace(line, schedule=strict), [1, 2, 3]).bound > 1
    monkeypatch.setattr(oracle, "rate", lambda _, t: mpf(t) / 7)
    assert accuracy.errors(line, [1, 2, 3]).single > 1e15


@pytest.mark.parametrize("end", [1e-9, 1 / 3, 0.1, 3.0])
@pytest.mark.parametrize("start", [0.0, 0.1, 2 / 3, 1.0])
def test_a_line_is_exact_at_both_ends(start: float, end: float):
    for steps in (3, 7, 1000):
        line = recipe("linear", start_factor=start, end_factor=end, total_iters=steps)
        assert trace(line, steps + 1)[[0, steps], 0].tolist() == [start, end]
        assert [at(line, t)[0] for t in (0, steps)] == [start, end]


@pytest.mark.parametrize(
    ("kind", "parameters", "last"),
    [
        ("cosine_annealing", {"T_max": 1000}, 999),
        ("cosine_decay", {"decay_steps": 1000}, 999),
        ("cosine_warm_restarts", {"T_0": 1000}, 999),
    ],
)
def test_a_cosine_is_as_precise_near_its_minimum_as_elsewhere(
    kind: str, parameters: dict, last: int
):
    cosine = recipe(kind, **parameters)
    exact = oracle.rate(cosine.to_dict(), last)
    assert abs(trace(cosine, last + 1)[-1, 0] - exact) <= 4 * math.ulp(exact)
    assert at(cosine, last)[0] == float(exact)


def test_a_cycle_of_a_polynomial_is_exact_at_huge_steps():
    """One step after 10**15, a span of 4 steps is stretched to 10**15 + 4: 3 of them are left."""
    cycle = recipe("polynomial", total_iters=4, power=0.2, cycle=True)
    by_hand = (3 / (10**15 + 4)) ** 0.2
    assert at(cycle, 10**15 + 1)[0] == pytest.approx(by_hand, rel=4e-16)
    assert at(cycle, [10**15, 10**15 + 1])[1, 0] == pytest.approx(by_hand, rel=4e-16)


@pytest.mark.parametrize(
    ("factor", "t", "exact"),
    [
        ("exp(t) / exp(t - 1)", 1000, math.e),
        ("2 ** t / 2 ** (t - 3)", 5000, 8.0),
        ("1 / (1 + exp(t))", 2000, 0.0),
    ],
)
def test_what_overflows_on_the_way_to_a_finite_rate_is_computed_without(
    factor: str, t: int, exact: float
):
    curve = recipe("lambda", factor=factor)
    assert at(curve, t)[0] == exact
    assert at(curve, [1, t])[1, 0] == exact
    assert trace(curve, t + 1)[-1, 0] == exact


@pytest.mark.parametrize("factor", ["1 + cos(exp(t)) / 2", "1 + sin(10 ** t) / 2"])
def test_the_sine_of_a_huge_angle_is_that_of_double_precision(factor: str):
    curve = recipe("lambda", factor=factor)
    assert at(curve, 300)[0] == trace(curve, 301)[-1, 0]


def test_a_rate_that_overflows_itself_is_rejected():
    with pytest.raises(BadInput, match="no finite rate at step 1024"):
        trace(recipe("exponential", gamma=2.0), 2000)
    with pytest.raises(BadInput, match="no finite rate at step 5000"):
        at(recipe("exponential", gamma=2.0), 5000)


def test_a_condition_is_decided_in_double_precision():
    """The double 0.7 is less than 7/10, and 10 times it is 7 in every framework."""
    floored = recipe("lambda", factor="floor(0.7 * t)")
    stepped = recipe("lambda", factor="1 if 0.7 * t >= 7 else 0")
    remaining = recipe("lambda", factor="0.7 * t % 7")
    assert at(remaining, 10)[0] == trace(remaining, 11)[10, 0] == 0
    assert at(floored, 10)[0] == trace(floored, 11)[10, 0] == 7
    assert at(stepped, 10)[0] == trace(stepped, 11)[10, 0] == 1


def test_a_rise_of_no_steps_is_skipped_although_its_fraction_is_rounded():
    """The double 0.1 is more than 1/10: in exact arithmetic the rise would end after step 0."""
    cycle = from_dict({"schedule": "one_cycle", "max_lr": 1, "total_steps": 10, "pct_start": 0.1})
    assert at(cycle, 0)[0] == trace(cycle, 1)[0, 0] == 1
