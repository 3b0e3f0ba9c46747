"""Actions: what each verb records, how it is cut, and how a worker reads it."""

from __future__ import annotations

import json
import math

import pytest

from lrspec.scenario.actions import VERBS, Action, cut
from lrspec.worker import session

NAN = math.nan


@pytest.mark.parametrize(
    ("action", "rates", "updates", "steps", "two"),
    [
        (Action("updates", 5), 5, 5, 5, 2),
        (Action("metrics", (3.0, NAN, 1.0)), 3, 3, 3, (3.0, NAN)),
        (Action("steps", (7, 3)), 3, 0, 7, (4, 3)),
        (Action("steps", (6, 3)), 2, 0, 6, (4, 3)),
        (Action("steps", (600, 1)), 600, 0, 600, (2, 1)),
        (Action("read", 5), 5, 5, 5, 2),
        (Action("get_lr", 5), 5, 0, 5, 2),
        (Action("together", (5, 3)), 5, 5, 15, (2, 3)),
        (Action("jump", 2.5), 0, 0, 1, 2.5),
        (Action("resume", "right"), 0, 0, 0, "right"),
        (Action("rebuild"), 0, 0, 0, None),
    ],
)
def test_an_action_records_steps_and_is_cut(action: Action, rates, updates, steps, two):
    assert (action.rates, action.updates, action.steps) == (rates, updates, steps)
    assert action.cut(2) == Action(action.verb, two)
    assert action.cut(2).rates == min(rates, 2)
    assert action.cut(rates).rates == rates
    assert action.cut(999) == action


def test_actions_are_cut_after_the_last_rate_that_is_wanted():
    actions = (Action("updates", 4), Action("jump", 1.5), Action("steps", (9, 4)))
    assert cut(actions, 0) == ()
    assert cut(actions, 4) == actions[:1]
    assert cut(actions, 5) == (*actions[:2], Action("steps", (1, 4)))
    assert cut(actions, 99) == actions


def test_a_verb_advances_reads_or_disturbs():
    advancing = {verb for verb in VERBS if Action(verb).advances}
    disturbing = {verb for verb in VERBS if Action(verb).disturbs}
    assert advancing == {"updates", "metrics", "steps"}
    assert VERBS.keys() - advancing - disturbing == {"read", "get_lr"}


ARGUMENTS = {
    "updates": 3,
    "metrics": (1, 0.5, NAN),
    "steps": (9, 4),
    "read": 3,
    "get_lr": 0,
    "together": (3, 2),
    "jump": 4.0,
    "resume": "built-late",
    "resume_index": -1,
    "multiply": 0.5,
    "set": 1e-300,
    "rebuild": None,
    "use": 1,
    "add_group": 0.01,
}


@pytest.mark.parametrize("verb", VERBS)
def test_an_action_is_sent_as_a_pair_with_null_for_nan(verb: str):
    """Whole numbers stay whole: a framework may take 4.0 for something else than 4."""
    sent = json.loads(json.dumps(Action(verb, ARGUMENTS[verb]).to_json(), allow_nan=False))
    argument = ARGUMENTS[verb]
    if verb == "metrics":
        argument = [1, 0.5, None]
    elif isinstance(argument, tuple):
        argument = [*argument]
    assert repr(sent) == repr([verb, argument])


def test_a_worker_knows_every_verb_that_records_rates():
    """Any other is a method of its session."""
    recording = {verb for verb in VERBS if Action(verb, ARGUMENTS[verb]).steps or verb == "get_lr"}
    assert recording == {verb for verb in VERBS if hasattr(session.Run, verb)}
