"""The ledger: new, gone, changed and never met are each an objection of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet

from lrspec.bindings.backend import frameworks
from lrspec.scenario.scenario_id import ScenarioId, Selector
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import cases
from lrspec.verdict.ledger import Entry, Run, entries, never_met, objection

ENTRY = Entry(
    id="known",
    backends=("torch",),
    versions=SpecifierSet(">=2,<3"),
    schedules=("constant",),
    argument_form="explicit",
    scenarios=(Selector("stepwise"),),
    pattern={},
    when=parse("total_iters == 0"),
    kind="landmark never reached",
    first_step=parse("total_iters"),
)
STEPWISE = ScenarioId("stepwise", 9)
RECIPE = from_dict({"schedule": "constant", "base_lr": 1, "total_iters": 0})
RUN = Run("torch", "2.13.0", RECIPE, "explicit", STEPWISE, "diverges", ENTRY.kind, 0)


def test_a_known_divergence_is_no_objection():
    assert objection(RUN, [ENTRY]) is None
    assert never_met([RUN], [ENTRY]) == []


def test_a_run_that_conforms_and_that_nothing_expects_is_no_objection():
    assert objection(replace(RUN, verdict="conforms", kind="exact"), []) is None


@pytest.mark.parametrize(
    ("run", "starts"),
    [
        (
            replace(RUN, verdict="conforms", kind="exact", first_step=None),
            "gone: the ledger's known",
        ),
        (replace(RUN, kind="other tail"), "changed: known expects 'landmark never reached'"),
        (replace(RUN, first_step=1), "changed: known expects step 0"),
        (replace(RUN, backend="paddle"), "new"),
        (replace(RUN, version="3.0"), "new"),
        (replace(RUN, scenario=ScenarioId("jump")), "new"),
        (replace(RUN, argument_form="defaults"), "new"),
        (replace(RUN, recipe=from_dict({"schedule": "constant", "base_lr": 1})), "new"),
        (replace(RUN, recipe=from_dict({"schedule": "step", "base_lr": 1, "step_size": 1})), "new"),
        (replace(RUN, verdict="crashed", kind="crashed"), "changed"),
    ],
)
def test_whatever_else_is_an_objection_that_says_what_to_do(run: Run, starts: str):
    found = objection(run, [ENTRY])
    assert found is not None
    assert found.startswith(starts)


def test_an_entry_may_speak_of_every_schedule_and_of_one_variant_of_a_scenario():
    entry = replace(
        ENTRY, schedules=(), scenarios=(Selector.parse("resume_state:scheduler-only"),), when=None
    )
    entry = replace(entry, kind="state not restored", first_step=parse("steps"))
    run = replace(
        RUN,
        scenario=ScenarioId.parse("resume_state@5:scheduler-only"),
        kind=entry.kind,
        first_step=5,
    )
    assert objection(run, [entry]) is None
    assert objection(replace(run, first_step=6), [entry]) is not None
    assert (
        objection(replace(run, scenario=ScenarioId.parse("resume_state@5:right")), [entry]) or ""
    ).startswith("new")


def test_a_run_that_could_not_show_it_is_not_gone():
    entry = replace(ENTRY, schedules=(), scenarios=(Selector("resume_state"),), when=None)
    run = replace(
        RUN, scenario=ScenarioId.parse("resume_state@0:right"), verdict="conforms", kind="exact"
    )
    assert (objection(run, [entry]) or "").startswith("gone")
    assert objection(replace(run, silent=(entry.kind,)), [entry]) is None
    assert never_met([replace(run, silent=(entry.kind,))], [entry]) == ["known"]


def test_of_two_entries_the_one_with_the_kind_that_was_seen_counts():
    other = replace(ENTRY, id="other", kind="rejected", first_step=None)
    assert objection(RUN, [other, ENTRY]) is None
    assert (objection(replace(RUN, verdict="conforms", kind="exact"), [other]) or "").startswith(
        "gone"
    )


def test_what_cannot_be_said_is_no_objection():
    assert objection(replace(RUN, verdict="unsupported", kind="unsupported"), [ENTRY]) is None


def test_an_entry_that_no_run_meets_is_named():
    assert never_met([replace(RUN, scenario=ScenarioId("jump"))], [ENTRY]) == ["known"]
    assert never_met([replace(RUN, backend="paddle", scenario=ScenarioId("jump"))], [ENTRY]) == []


def test_a_pattern_is_a_part_of_the_recipe():
    warmup = {"schedule": "linear_warmup", "base_lr": 1, "warmup_steps": 3}
    inner = {"schedule": "cosine_warm_restarts", "T_0": 1, "T_mult": 3}
    entry = replace(ENTRY, schedules=("linear_warmup",), when=None, pattern={"after": {"T_0": 1}})
    run = replace(RUN, recipe=from_dict({**warmup, "after": inner}))
    first = replace(entry, first_step=parse("warmup_steps + after_T_mult"))
    assert objection(replace(run, first_step=6), [first]) is None
    assert objection(replace(run, first_step=7), [first]) is not None
    other = replace(run, recipe=from_dict({**warmup, "after": {**inner, "T_0": 2}}))
    assert (objection(other, [entry]) or "").startswith("new")
    either = replace(entry, first_step=None, pattern={"after": {"T_0": {"any": [2, 5]}}})
    assert objection(other, [either]) is None
    assert (objection(run, [either]) or "").startswith("new")


def test_every_entry_says_which_side_is_right_and_why():
    assert len({entry.id for entry in entries()}) == len(entries()) > 0
    for entry in entries():
        assert entry.right in {"specification", "framework", "neither"}, entry.id
        assert len(entry.because) > 30, entry.id


def test_every_known_divergence_has_its_shortest_case():
    """What ends a process is not shrunk: each question would cost a new process."""
    shown = {case.id for case in cases()}
    wanted = {entry.id for entry in entries() if entry.kind not in ("crashed", "timeout")}
    assert {f"shrunk/{name}" for name in wanted} <= shown, "nox -s conformance, then nox -s shrink"


def test_a_condition_on_a_milestone_does_not_hold_where_there_is_none():
    """OneFlow's entry on the first milestone says nothing of a recipe without one."""
    alone = {"schedule": "sequential", "base_lr": 1, "milestones": []}
    recipe = from_dict({**alone, "schedules": [{"schedule": "exponential", "gamma": 0.5}]})
    for backend in frameworks().values():
        version = backend.pins[0].partition("==")[2]
        for argument_form in ("explicit", "defaults"):
            for entry in entries():
                entry.expects(backend.name, version, recipe, argument_form, STEPWISE)
