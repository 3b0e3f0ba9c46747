"""The plan: which runs are made, in which mode, and with which source."""

from __future__ import annotations

from collections import Counter

import pytest

from lrspec.bindings.backend import backend_of, backends
from lrspec.scenario.builders import SCENARIOS
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import OWN, Case, case_of, cases
from lrspec.suite.plan import Run, plan

TORCH = backend_of("torch")


@pytest.fixture(scope="module")
def whole() -> list[Run]:
    return plan(cases(), list(backends().values()))


def test_every_run_has_an_id_of_its_own(whole: list[Run]):
    assert max(Counter(run.id for run in whole).values()) == 1


def test_the_suite_is_broad(whole: list[Run]):
    supported = [run for run in whole if run.emitted is not None]
    assert len(supported) > 6000
    assert {run.scenario.id.name for run in supported} == set(SCENARIOS)
    assert {run.backend.name for run in supported} == set(backends())


def test_every_schedule_runs_in_every_scenario_that_applies(whole: list[Run]):
    plain = {"groups", "resume_state", "resume_index", "changed", "rebuilt", "late_group"}
    for kind, schedule in schedules().items():
        scenarios = {run.scenario.id.name for run in whole if run.case.recipe.kind == kind}
        own = {"metrics"} if schedule.machine else {"stepwise", "jump", "get_lr", "long"}
        assert scenarios == plain | own, kind


def test_quick_keeps_one_case_a_schedule_and_scenario(whole: list[Run]):
    shortened = plan(cases(), list(backends().values()), quick=True)
    counted = Counter(
        (run.case.recipe.kind, run.scenario.id.name, run.backend.name, run.argument_form)
        for run in shortened
    )
    several = {key for key, count in counted.items() if count > 1}
    assert {kind for kind, _, _, _ in several} <= {"cosine_warm_restarts"}  # it has two such cases
    assert {kind for kind, _, _, _ in counted} == set(schedules())
    assert {run.id for run in shortened} <= {run.id for run in whole}
    assert not [run for run in shortened if run.scenario.id.name == "long"]


def test_a_second_mode_of_a_framework_runs_representative_cases_only(whole: list[Run]):
    runs = [run for run in whole if run.backend.name in ("torch-tensor", "paddle-static")]
    assert runs
    named = [run for run in runs if run.case.backend is not None]
    assert {run.backend.name for run in named} <= {run.case.backend for run in named}
    assert all(run.case.representative for run in runs if run not in named)


def test_the_suite_cuts_a_slow_modes_runs_and_never_a_users():
    graph = backend_of("oneflow-graph")
    case = Case("own", "", from_dict({"schedule": "exponential", "base_lr": 1, "gamma": 0.999}))
    (cut,) = plan([Case("x", "", case.recipe, steps=(700,))], [graph], ["stepwise"])
    assert str(cut.scenario.id) == "stepwise@130"
    (whole,) = plan([case], [graph], ["stepwise"], 700)
    assert whole.scenario.actions == (("updates", 100), ("updates", 600))  # it reports no rates
    (reported,) = plan([case], [TORCH], ["stepwise"], 700)
    assert reported.scenario.actions == (("updates", 100), ("steps", (600, 1)))


def test_a_variant_that_runs_only_by_name_is_in_no_other_run():
    selectors = {"jump@5:twice": "jump:twice", "rebuilt@0:alternately": "rebuilt:alternately"}
    step = Case("own", "", from_dict({"schedule": "step", "base_lr": 1, "step_size": 5}))
    for name, wanted in selectors.items():
        assert name in {str(run.scenario.id) for run in plan([step], [TORCH], [wanted])}
        assert name not in {str(run.scenario.id) for run in plan([step], [TORCH], [*SCENARIOS])}


def test_schedulers_that_are_stepped_together_are_those_of_the_case():
    (case,) = [case for case in cases() if case.id == "exponential/upstream-two-at-once"]
    (run,) = plan([case], [TORCH])
    assert run.scenario.actions == (("together", (6, 2)),)
    assert "gamma=0.9" in run.emitted.text
    assert ["gamma=0.5" in text for text in run.other_texts] == [True]


def test_a_users_own_recipe_is_not_misused():
    case = Case(
        "own", "", from_dict({"schedule": "step", "base_lr": 1, "step_size": 5}), scenarios=OWN
    )
    names = {run.scenario.id.variant for run in plan([case], [TORCH], misuse=False)}
    assert "right" in names
    assert not names & {"scheduler-only", "built-late", "k"}
    assert "built-late" in {run.scenario.id.variant for run in plan([case], [TORCH])}


def test_an_index_is_given_in_the_backends_own_counting():
    case = Case("own", "", from_dict({"schedule": "step", "base_lr": 1, "step_size": 5}))
    runs = plan([case], [TORCH], ["resume_index"])
    given = {str(run.scenario.id): dict(run.followed.actions)["resume_index"] for run in runs}
    assert given["resume_index@5:continues"] == 4
    assert given["resume_index@5:k"] == 5
    source = runs[0].emitted.text
    assert "def build_scheduler(optimizer, last_epoch=-1):" in source
    assert "last_epoch=last_epoch" in source


def test_schedulers_that_run_in_turn_are_each_given_their_source():
    (case,) = [case for case in cases() if case.id == "cosine_annealing/four-in-turn"]
    (run,) = [r for r in plan([case], [TORCH]) if str(r.scenario.id) == "rebuilt@100:in-turn"]
    assert ["StepLR(" in text for text in run.other_texts] == [False, False, True]
    assert [a for v, a in run.followed.actions if v == "use"] == [1, 2, 3]
    (unsaid,) = [
        r for r in plan([case], [backend_of("oneflow-graph")]) if r.scenario.id.variant == "in-turn"
    ][:1]
    assert unsaid.emitted is None


@pytest.mark.parametrize("backend", ["torch", "oneflow"])
def test_a_rate_set_by_hand_is_no_part_of_a_composition(backend: str):
    piece = {"schedule": "piecewise_constant", "boundaries": [3], "values": [1, 0.5]}
    alone = Case("alone", "", from_dict({**piece, "base_lr": 1}))
    (run,) = plan([alone], [backend_of(backend)], ["stepwise"], 9)
    assert "class SetByHand:" in run.emitted.text
    nested = {"schedule": "linear_warmup", "base_lr": 1, "warmup_steps": 2, "after": piece}
    run, *_ = plan([Case("in", "", from_dict(nested))], [backend_of(backend)], ["stepwise"], 9)
    assert run.reason == "a rate that is set by hand is no part of a composition"


def test_groups_may_each_have_a_lower_rate_of_their_own():
    cycle = {"schedule": "cyclic", "base_lr": [0.1, 0.2], "max_lr": 1, "step_size_up": 4}
    run, *_ = plan([Case("c", "", from_dict(cycle))], [TORCH], ["stepwise"], 9)
    assert "base_lr=[0.1, 0.2]" in run.emitted.text


def test_a_users_own_run_is_planned_to_its_end():
    runs = plan([case_of("bert")], [backend_of("torch")])
    assert "long@1000000" in {str(run.scenario.id) for run in runs}
    runs = plan([case_of("bert")], [backend_of("torch")], steps=500)
    assert not any(run.scenario.id.name == "long" for run in runs)
