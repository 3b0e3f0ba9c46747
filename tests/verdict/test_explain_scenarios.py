"""Verdicts after a change, a resume, a late group, by other defaults, and of the momentum."""

from __future__ import annotations

import numpy as np
import pytest
from verdict.test_explain import COSINE, STEPS, expected, stepwise

from lrspec.engine.closed_form import at, momentum
from lrspec.runtime.observation import Observation
from lrspec.scenario.builders import expand
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.simulation import simulate
from lrspec.spec.recipe import from_dict
from lrspec.verdict.explain import judge

pytestmark = pytest.mark.every_python


def driven(document: dict, name: str, wanted: str) -> Scenario:
    return next(d for d in expand(from_dict(document), name, 25) if str(d.id) == wanted)


@pytest.mark.parametrize("form", ["closed form", "recursive form"])
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("changed", "changed@5:halved"),
        ("rebuilt", "rebuilt@5:anew"),
        ("late_group", "late_group@5"),
    ],
)
def test_after_a_change_from_outside_both_forms_conform_and_are_told_apart(form, name, wanted):
    scenario = driven(COSINE, name, wanted)
    found = judge(scenario, seen_as(simulate(scenario, form)), "float64", "float64")
    assert (found.verdict, found.kind) == ("conforms", form)


def seen_as(rates) -> Observation:
    return Observation("trace", "", rates, rates.copy())


def test_where_both_forms_are_one_curve_nothing_is_told_apart():
    scenario = driven(STEPS, "changed", "changed@3:halved")
    forgotten = simulate(scenario, "closed form")
    found = judge(scenario, seen_as(forgotten), "float64", "float64")
    assert found.kind == "closed form"
    flat = {"schedule": "constant", "base_lr": 1.0, "factor": 1.0, "total_iters": 6}
    scenario = driven(flat, "rebuilt", "rebuilt@3:anew")
    found = judge(scenario, seen_as(simulate(scenario, "closed form")), "float64", "float64")
    assert (found.verdict, found.kind) == ("conforms", "exact")


def test_a_change_that_neither_form_makes_is_a_divergence():
    scenario = driven(COSINE, "changed", "changed@5:halved")
    rates = simulate(scenario, "closed form").copy()
    rates[7:] *= 0.9
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.verdict, found.kind) == ("diverges", "unexplained")


@pytest.mark.parametrize(
    ("wanted", "resumed", "kind"),
    [
        ("resume_state@9:scheduler-only", "kept", "exact"),
        ("resume_state@6:scheduler-only", "kept", "state not restored"),
        ("resume_index@6:k", "kept", "resumed one step early"),
        ("resume_index@6:continues", "kept", "exact"),
        ("resume_index@6:continues", "stepped", "a step repeated"),
        ("resume_index@7:continues", "from the base rate", "resumed from the base rate"),
    ],
)
def test_a_resume_that_loses_something_is_told_by_what_it_loses(wanted, resumed, kind):
    document = {"schedule": "multistep", "base_lr": 1.0, "milestones": [6, 10], "gamma": 0.5}
    if wanted == "resume_state@9:scheduler-only":
        document = {"schedule": "step", "base_lr": 1.0, "step_size": 10, "gamma": 0.5}
    scenario = driven(document, wanted.partition("@")[0], wanted)
    found = judge(
        scenario, seen_as(simulate(scenario, "recursive form", resumed)), "float64", "float64"
    )
    assert found.kind == kind
    if kind == "exact" and "scheduler-only" in wanted:
        assert "state not restored" in found.silent


def test_a_resume_that_restores_everything_is_exact_in_both_forms():
    for form in ("closed form", "recursive form"):
        for scenario in expand(from_dict(COSINE), "resume_state", 25):
            if not scenario.id.misuse:
                found = judge(scenario, seen_as(simulate(scenario, form)), "float64", "float64")
                assert found.verdict == "conforms", str(scenario.id)


CHAIN = {
    "schedule": "chained",
    "base_lr": 0.3,
    "schedules": [
        {"schedule": "cosine_annealing", "T_max": 10, "eta_min": 0.02},
        {"schedule": "step", "step_size": 3},
    ],
}


@pytest.mark.parametrize("wanted", ["resume_state@0:right", "resume_state@4:right"])
def test_a_chain_in_recursive_form_that_is_resumed_in_good_order_has_lost_nothing(wanted):
    scenario = driven(CHAIN, "resume_state", wanted)
    found = judge(scenario, seen_as(simulate(scenario, "recursive form")), "float64", "float64")
    assert (found.verdict, found.kind) == ("diverges", "recursive form")


SEQUENCE = {
    "schedule": "sequential",
    "base_lr": 0.25,
    "milestones": [4],
    "schedules": [
        {"schedule": "linear", "start_factor": 0.5, "total_iters": 8},
        {"schedule": "exponential", "gamma": 0.999},
    ],
}


def carried_on(after: int) -> list[float]:
    """The line's rates up to the milestone, then the decay from there and not from 0.25."""
    line = [0.25 * (0.5 + 0.5 * t / 8) for t in range(4)]
    return line + [line[3] * 0.999 ** (k + 1) for k in range(after)]


@pytest.mark.parametrize(
    "wanted", ["resume_state@3:right", "get_lr@25:called-twice", "long@100000"]
)
def test_a_member_that_goes_on_from_before_its_milestone_is_told_in_every_run_as_in_a_plain_one(
    wanted,
):
    scenario = driven(SEQUENCE, wanted.partition("@")[0], wanted)
    rates = np.array(carried_on(int(max(scenario.t))))[scenario.t.astype(int), None]
    seen = seen_as(rates) if scenario.updates else Observation("trace", "", rates)
    found = judge(scenario, seen, "float64", "float64")
    assert (found.kind, found.first) == (
        "not begun from the base rate",
        scenario.t[scenario.t >= 4][0],
    )


def test_a_member_that_goes_on_from_before_its_milestone_is_told_after_a_change_from_outside():
    scenario = driven(SEQUENCE, "changed", "changed@2:halved")
    rates = np.array(carried_on(len(scenario.t)))[: len(scenario.t), None]
    rates[2:] /= 2
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.kind, found.first) == ("not begun from the base rate", 4)


def test_the_sentence_on_a_chain_past_the_end_of_a_member_tells_what_came_before_the_end_too():
    chain = {
        "schedule": "chained",
        "base_lr": 0.3,
        "schedules": [
            {"schedule": "one_cycle", "max_lr": 0.5, "total_steps": 20},
            {"schedule": "step", "step_size": 3},
        ],
    }
    scenario = stepwise(chain, 21)
    own = at(from_dict({**chain["schedules"][0]}), np.arange(20.0))[:, 0]
    rates = own * np.where(np.arange(20) % 3 == 0, 0.1, 1.0)
    rates[0] = own[0]
    low, high = own[19], own[5]
    past = low + (high - low) * (1 + np.cos(np.pi * 15 / 14)) / 2
    found = judge(scenario, seen_as(np.append(rates, past)[:, None]), "float64", "float64")
    assert found.kind == "other tail"
    assert "what the others did is lost" in found.explanation


def test_a_late_group_that_is_left_to_itself_is_told():
    scenario = driven(COSINE, "late_group", "late_group@5")
    rates = simulate(scenario, "closed form").copy()
    rates[5:, 1] = 0.1
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.kind, found.first) == ("group not scheduled", 6)


def test_a_late_group_that_is_left_to_itself_is_told_beside_a_restart_that_is_missed():
    document = {"schedule": "cosine_warm_restarts", "base_lr": 1.0, "T_0": 5}
    scenario = driven(document, "late_group", "late_group@2")
    rates = simulate(scenario, "closed form").copy()
    rates[2:, 1] = 0.1
    rates[10, 0] = 0.0
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.kind, found.first) == ("group not scheduled, off at landmarks", 3)
    assert "Wrong at the restart at step 10, and nowhere else." in found.explanation
    rates[11, 0] = 0.0  # where nothing happens
    assert judge(scenario, seen_as(rates), "float64", "float64").kind == "unexplained"


def test_another_default_is_told_by_its_curve():
    scenario = stepwise({"schedule": "polynomial", "base_lr": 1.0, "total_iters": 9})
    other = stepwise({"schedule": "polynomial", "base_lr": 1.0, "total_iters": 9, "end_lr": 0.0001})
    found = judge(scenario, seen_as(expected(other)), "float64", "float64", {"end_lr": 0.0001})
    assert found.kind == "another default"
    assert "By default end_lr is 0.0001 (the specification's is 0)." in found.explanation


def test_a_curve_that_begins_one_step_before_its_start_is_a_shift():
    scenario = stepwise({"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 5})
    n = np.arange(25.0).reshape(-1, 1)
    with np.errstate(divide="ignore"):
        rates = 0.5 * np.minimum(n**-0.5, n * 5**-1.5)
    found = judge(scenario, seen_as(rates), "float64", "float64")
    assert (found.kind, found.first) == ("shifted by -1", 0)


def test_momentum_is_held_against_the_specification_too():
    cycle = {"schedule": "cyclic", "base_lr": 0.1, "max_lr": 1.0, "step_size_up": 5}
    scenario = stepwise({**cycle, "cycle_momentum": True})
    rates, right = expected(scenario), momentum(scenario.recipe, scenario.t)
    seen = Observation("trace", "", rates, rates.copy(), None, right)
    assert judge(scenario, seen, "float64", "float64").kind == "exact"
    wrong = right.copy()
    wrong[7] += 0.01
    for other in (wrong, None):
        found = judge(
            scenario, Observation("trace", "", rates, rates, None, other), *["float64"] * 2
        )
        assert (found.verdict, found.kind, found.of) == ("diverges", "momentum", "momentum")
        assert found.first == (0 if other is None else 7)
        assert found.expected.tolist() == right.tolist()
    found = judge(stepwise(cycle), seen, "float64", "float64", {"cycle_momentum": True})
    assert (found.verdict, found.kind, found.of) == ("diverges", "another default", "momentum")
    assert (found.first, found.difference.count) == (0, len(scenario.t))
    assert found.expected.tolist() == [[0.0]] * len(scenario.t)  # what is not moved is not there
