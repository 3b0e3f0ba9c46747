"""Verdicts on what a scheduler says when it is asked for its rate, and on steps that are repeated."""

from __future__ import annotations

import numpy as np
import pytest
from verdict.test_explain_scenarios import driven, seen_as

from lrspec.runtime.observation import Observation
from lrspec.scenario.simulation import RECURSIVE, RESTATED, simulate
from lrspec.verdict.explain import judge

pytestmark = pytest.mark.every_python

HALVED = {"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5}
LINE = {"schedule": "linear", "start_factor": 1.0, "end_factor": 0.25, "total_iters": 6}
WARMED = {"schedule": "linear_warmup", "base_lr": 1.0, "warmup_steps": 3, "after": LINE}


def said(document: dict, rates: list[float]):
    """Return the verdict on a reading that says *rates*, and from then on what is applied."""
    scenario = driven(document, "get_lr", "get_lr@25:returned")
    reported = scenario.expected.copy()
    reported[: len(rates), 0] = rates
    return judge(scenario, Observation("trace", "", reported, None), "float64", "float64")


def test_a_rate_that_is_said_as_it_is_used_conforms():
    assert said(HALVED, []).verdict == "conforms"


@pytest.mark.parametrize(("at_zero", "first"), [(0.5, 0), (1.0, 1)])
def test_a_step_that_is_taken_once_more_to_be_read_is_told(at_zero: float, first: int):
    """At step 0 there may be no step to take again."""
    found = said(HALVED, [at_zero, *(0.5 ** (t + 1) for t in range(1, 25))])
    assert (found.kind, found.first) == ("a step taken once more", first)


def test_a_start_that_is_taken_once_more_to_be_read_is_told():
    again = [0.25, 0.5, 0.5, 0.5, 2.0, 1.0]
    constant = {"schedule": "constant", "base_lr": 1.0, "factor": 0.5, "total_iters": 4}
    found = said(constant, again)
    assert (found.kind, found.first) == ("a step taken once more", 0)
    assert "Before step 0 it says 0.25 where 0.5 is used." in found.explanation


def test_a_rate_that_is_said_otherwise_is_unexplained():
    assert said(HALVED, [0.7, 0.1, 0.3]).kind == "unexplained"


def test_a_step_to_be_read_that_divides_by_zero_is_no_error():
    line = {"schedule": "linear", "base_lr": 1.0, "start_factor": 0.5, "total_iters": 1}
    assert said(line, [0.25, 2.0]).kind == "a step taken once more"


def test_readings_that_advance_what_is_nested_are_told():
    """The line loses an eighth of its start a step, by the factors 7/8, 6/7, 5/6 and so on."""
    scenario = driven(WARMED, "get_lr", "get_lr@25:called-twice")
    rates = scenario.expected.copy()
    rate = 1.0
    for own in range(1, 22):  # each step is taken three times: once to be used, twice to be read
        factor = (8 - own) / (9 - own) if own <= 6 else 1
        rates[3 + own] = rate * factor
        rate *= factor**3
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.kind, found.first) == ("advanced by reading", 5)
    rates[9] *= 1.01
    assert judge(scenario, seen_as(rates), "float64", "float64").kind == "unexplained"


def test_a_step_that_is_repeated_is_taken_again_in_recursive_form():
    scenario = driven(HALVED, "jump:twice", "jump@12:twice")
    found = judge(scenario, seen_as(scenario.expected.copy()), "float64", "float64")
    assert found.verdict == "conforms"
    found = judge(scenario, seen_as(simulate(scenario, RECURSIVE)), "float64", "float64")
    assert (found.kind, found.first) == ("recursive form", 12)
    assert found.explanation.startswith("Each jump takes one step more")


def test_after_a_change_a_jump_may_restate_what_steps_do_not():
    scenario = driven(HALVED, "jump:changed", "jump@6:changed")
    for form in (RECURSIVE, RESTATED, "closed form"):
        found = judge(scenario, seen_as(simulate(scenario, form)), "float64", "float64")
        assert (found.verdict, found.kind) == ("conforms", form)
    rates = simulate(scenario, RESTATED)
    rates[-1] *= 2
    assert judge(scenario, seen_as(rates), "float64", "float64").verdict == "diverges"
    assert np.unique(rates).size > 5
