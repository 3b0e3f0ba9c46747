"""A scenario's identity and what selects it: one text form, and one parser."""

from __future__ import annotations

import pytest

from lrspec.errors import BadInput
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId, Selector


@pytest.mark.parametrize(
    ("text", "name", "step", "variant"),
    [
        ("stepwise", "stepwise", None, ""),
        ("stepwise@22", "stepwise", 22, ""),
        ("jump:whole", "jump", None, "whole"),
        ("jump@5:twice", "jump", 5, "twice"),
        ("resume_index@0:k", "resume_index", 0, "k"),
    ],
)
def test_a_text_is_read_back_as_it_is_written(text, name, step, variant):
    for kind in (ScenarioId, Selector):
        assert kind.parse(text) == kind(name, step, variant)
        assert str(kind(name, step, variant)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("walk", "one of stepwise, long, metrics, "),
        ("", "one of stepwise, "),
        ("jump:thrice", "one of jump:whole, jump:fraction, jump:twice, jump:changed"),
        ("jump@whole", "one of jump:whole, "),
        ("jump@5:", "one of jump:whole, "),
        ("jump@-5", "one of jump:whole, "),
        ("jump@" + "9" * 5000, "one of jump:whole, "),
        ("jump\n", "one of stepwise, "),
        ("stepwise:twice", "one of stepwise"),
        ("stepwise@٣", "one of stepwise"),
    ],
)
def test_an_invalid_text_is_rejected_with_the_valid_names(text: str, expected: str):
    for kind in (ScenarioId, Selector):
        with pytest.raises(BadInput) as caught:
            kind.parse(text, "--scenario")
        assert caught.value.place == "--scenario"
        assert caught.value.found == text
        assert caught.value.expected.startswith(expected)


TWICE = ScenarioId("jump", 5, "twice")
WHOLE = ScenarioId("jump", None, "whole")


@pytest.mark.parametrize(
    ("text", "covered", "selected"),
    [
        ("jump", {TWICE, WHOLE}, {WHOLE}),  # twice is run only if it is named
        ("jump:twice", {TWICE}, {TWICE}),
        ("jump@5:twice", {TWICE}, {TWICE}),
        ("jump@5", {TWICE}, set()),
        ("jump@6:twice", set(), set()),
        ("stepwise", set(), set()),
    ],
)
def test_a_selector_covers_and_selects(text: str, covered, selected):
    selector = Selector.parse(text)
    assert {one for one in (TWICE, WHOLE) if selector.covers(one)} == covered
    assert {one for one in (TWICE, WHOLE) if selector.selects(one)} == selected


def test_a_selector_of_all_steps_names_the_variant():
    assert str(TWICE.selector) == "jump:twice"
    assert str(ScenarioId("stepwise", 9).selector) == "stepwise"


def test_the_expectation_depends_on_the_variant():
    assert ScenarioId("jump", 5, "changed").expects_forms
    assert not TWICE.expects_forms
    assert ScenarioId("late_group", 5).expects_forms
    assert ScenarioId("resume_state", 5, "built-late").misuse
    assert not ScenarioId("resume_state", 5, "right").misuse


def test_a_run_is_named_for_people_and_recorded_by_its_fields():
    run = RunId("step/example", "torch", "explicit", TWICE)
    assert str(run) == "step/example-torch-jump@5:twice"
    other = RunId("step/example", "torch", "defaults", WHOLE)
    assert str(other) == "step/example-torch:defaults-jump:whole"
    assert other.to_record() == {
        "case": "step/example",
        "backend": "torch",
        "argument_form": "defaults",
        "scenario": "jump:whole",
    }
