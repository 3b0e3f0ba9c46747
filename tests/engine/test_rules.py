"""The rules that apply to a step, and the one that a departure violates."""

from __future__ import annotations

import pytest

from lrspec.engine.rules import momentum_rules, rule, rules_at
from lrspec.scenario.builders import expand
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules
from lrspec.verdict.violated_rules import violated_rules

pytestmark = pytest.mark.every_python

WARMUP = {
    "schedule": "linear_warmup",
    "base_lr": 1,
    "warmup_steps": 4,
    "start_lr": 0,
    "end_lr": 1,
    "after": {"schedule": "cosine_annealing", "T_max": 6},
}
TWICE = {
    "schedule": "sequential",
    "base_lr": 1,
    "schedules": [
        {"schedule": "step", "step_size": 2, "gamma": 0.5},
        {"schedule": "exponential", "gamma": 0.9},
    ],
    "milestones": [5],
}


def names(document: dict, t: float) -> list[str]:
    return [applied.name for applied in rules_at(from_dict(document), t)]


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        (0, ["linear_warmup R1", "linear_warmup R2"]),
        (3, ["linear_warmup R2"]),
        (4, ["linear_warmup R3", "cosine_annealing R1", "cosine_annealing R2"]),
        (5, ["cosine_annealing R2", "linear_warmup R3"]),
        (10, ["cosine_annealing R2", "linear_warmup R3"]),
        (11, ["cosine_annealing R3", "linear_warmup R3"]),
    ],
)
def test_a_step_of_a_warmup_has_its_rules(t: int, expected: list[str]):
    assert names(WARMUP, t) == expected


def test_the_rules_of_a_member_apply_at_its_own_step():
    assert names(TWICE, 1) == ["step R1"]
    assert names(TWICE, 2) == ["step R2"]
    assert names(TWICE, 5) == ["sequential R1", "sequential R2", "exponential R1"]
    assert names(TWICE, 6) == ["exponential R2"]


def test_a_rule_with_a_condition_applies_only_if_it_holds():
    cyclic = {"schedule": "cyclic", "base_lr": 1, "max_lr": 2, "step_size_up": 3}
    assert names(cyclic, 2) == ["cyclic R2", "cyclic R6"]
    assert names({**cyclic, "step_size_down": 3, "mode": "triangular2"}, 7) == [
        "cyclic R2",
        "cyclic R3",
    ]
    assert [rule.id for rule in momentum_rules(from_dict(cyclic))] == ["R7"]


@pytest.mark.parametrize("kind", schedules())
def test_a_rule_applies_to_every_step_of_the_example(kind: str):
    example = from_dict({"schedule": kind, **schedules()[kind].document["example"]})
    assert all(rules_at(example, t) for t in range(60))


@pytest.mark.parametrize("kind", schedules())
def test_the_places_of_rules_are_known(kind: str):
    schedule = schedules()[kind]
    known = {"start", "early", "late", *schedule.landmarks}
    if schedule.end is not None:
        known |= {"end", "before", "past"}
    for entry in schedule.document["rules"]:
        assert {p for place in entry.get("at", ()) for p in place.split(" and ")} <= known
        flags = {entry[key] for key in ("when", "unless") if key in entry}
        assert flags <= {*schedule.valued}
        assert {*entry.get("given", ()), *entry.get("absent", ())} <= {*schedule.parameters}


#: Anchors of a rule that applies to a neighbouring step, not to the anchor's own.
ELSEWHERE = {"cosine_warm_restarts:A4", "piecewise_constant:A5"}
ALONE = [kind for kind, schedule in schedules().items() if schedule.composition is None]


@pytest.mark.parametrize("kind", ALONE)
def test_the_rule_of_an_anchor_applies_to_its_step(kind: str):
    schedule = schedules()[kind]
    of_rates = {e["id"] for e in schedule.document["rules"] if "of" not in e}
    for anchor in schedule.document["anchors"]:
        rules = names({"schedule": kind, **anchor["recipe"]}, min(anchor["t"], 1000))
        applies = f"{kind} {anchor['rule']}" in rules
        if anchor["rule"] in of_rates and anchor["t"] < 1000:
            assert applies != (f"{kind}:{anchor['id']}" in ELSEWHERE), anchor["id"]


def test_a_disturbed_run_violates_the_rule_of_its_scenario_first():
    scenario = next(
        s for s in expand(from_dict(WARMUP), "resume_state", 20) if s.id.variant == "right"
    )
    k = scenario.actions[0][1]
    assert violated_rules(scenario, k)[0].name == "resume_state D6"
    assert violated_rules(scenario, k - 1)[0].of != "resume_state"


def test_where_both_forms_are_right_only_the_scenarios_rule_applies():
    scenario = expand(from_dict(WARMUP), "changed", 20)[0]
    assert [rule.name for rule in violated_rules(scenario, len(scenario.t) - 1)] == ["changed D8"]


def test_the_explanation_may_name_the_rule():
    plateau = from_dict({"schedule": "reduce_on_plateau", "base_lr": 1})
    scenario = expand(plateau, "metrics", 5)[0]
    assert violated_rules(scenario, 3, "R7") == (rule("reduce_on_plateau R7"),)
