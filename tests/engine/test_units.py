"""Schedules stepped once per epoch, and warnings about runs that do not fit their schedule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrspec.engine.closed_form import trace
from lrspec.engine.horizon import warnings
from lrspec.engine.recursive_form import iterate
from lrspec.engine.units import in_epochs, in_updates
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict, load
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases

pytestmark = pytest.mark.every_python

NESTING = [kind for kind, one in schedules().items() if one.document.get("nests", True)]
STAIRS = {
    "chained",
    "constant",
    "constant_warmup",
    "epochwise",
    "multistep",
    "piecewise_constant",
    "sequential",
    "step",
}
SMOOTH = {"schedule": "cosine_annealing", "T_max": 3}
STEP = {"schedule": "step", "step_size": 2, "gamma": 0.5}


def of(kind: str, **given: Any) -> Recipe:
    return from_dict({"schedule": kind, "base_lr": 1.0, **given})


@pytest.mark.parametrize("kind", NESTING)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_an_update_has_the_rate_of_its_epoch(kind: str, count: int):
    epochs = from_dict({"schedule": kind, **schedules()[kind].document["example"]})
    rates = trace(in_updates(epochs, count), 40 * count)
    assert rates.tolist() == np.repeat(trace(epochs, 40), count, axis=0).tolist()


@pytest.mark.parametrize("kind", NESTING)
def test_a_recipe_put_in_updates_is_the_same_in_epochs_again(kind: str):
    epochs = from_dict({"schedule": kind, **schedules()[kind].document["example"]})
    back = in_epochs(in_updates(epochs, 6), 6)
    assert trace(back, 40).tolist() == trace(epochs, 40).tolist()


def test_every_case_is_the_same_curve_in_epochs_and_in_updates():
    recipes = [case.recipe for case in cases() if case.recipe.schedule.document.get("nests", True)]
    for epochs in recipes:
        if epochs.moves_momentum():
            with pytest.raises(BadInput, match="only the outermost schedule may move the momentum"):
                in_updates(epochs, 3)
            continue
        updates = in_updates(epochs, 3)
        rates = trace(epochs, 20)
        assert trace(updates, 60).tolist() == np.repeat(rates, 3, axis=0).tolist()
        assert trace(in_epochs(updates, 3), 20).tolist() == rates.tolist()


def test_the_schedules_that_change_only_at_landmarks_are_declared():
    declared = {kind for kind, one in schedules().items() if one.document.get("stairs")}
    assert declared == STAIRS


def test_only_a_schedule_that_changes_at_landmarks_keeps_its_kind():
    assert in_updates(of("multistep", milestones=[30, 60]), 100).to_dict() == {
        "schedule": "multistep",
        "base_lr": 1.0,
        "milestones": [3000, 6000],
    }
    assert in_updates(of("cosine_annealing", T_max=90), 100).to_dict() == {
        "schedule": "epochwise",
        "base_lr": 1.0,
        "updates_per_epoch": 100,
        "in_epochs": {"schedule": "cosine_annealing", "T_max": 90},
    }


def test_a_default_number_of_steps_is_converted_too():
    updates = in_updates(of("constant", factor=0.5), 100)
    assert trace(updates, 501)[[0, 499, 500], 0].tolist() == [0.5, 0.5, 1.0]


def test_a_boundary_within_an_epoch_takes_effect_at_the_next():
    updates = in_updates(of("piecewise_constant", boundaries=[2.5], values=[1, 0.5]), 10)
    assert updates.to_dict()["boundaries"] == [30]


def test_epochs_within_epochs_are_multiplied():
    once = of("epochwise", updates_per_epoch=1, in_epochs=STEP)
    assert in_updates(once, 5).to_dict() == {**once.to_dict(), "updates_per_epoch": 5}
    assert in_epochs(in_updates(once, 10), 5).to_dict()["updates_per_epoch"] == 2
    assert in_epochs(in_updates(once, 10), 10).to_dict() == {**STEP, "base_lr": 1.0}


def test_the_text_about_a_recipe_stays_outermost():
    updates = in_updates(of("cosine_annealing", T_max=90, about={"title": "x"}), 10)
    assert updates.about == {"title": "x"}
    assert (
        in_epochs(updates, 10).to_dict()
        == of("cosine_annealing", T_max=90, about={"title": "x"}).to_dict()
    )


def test_the_recursive_form_advances_once_per_epoch():
    epochs = of(
        "epochwise", updates_per_epoch=4, in_epochs={"schedule": "exponential", "gamma": 0.5}
    )
    assert iterate(epochs, 9)[:, 0].tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_a_member_in_global_time_is_entered_within_an_epoch():
    epochs = {
        "schedule": "epochwise",
        "updates_per_epoch": 4,
        "in_epochs": {"schedule": "exponential", "gamma": 0.5},
    }
    recipe = of("sequential", schedules=[STEP, epochs], milestones=[6], time="global")
    assert trace(recipe, 13)[6:, 0].tolist() == [0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125]
    assert iterate(recipe, 13).tolist() == trace(recipe, 13).tolist()


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        (
            of("cosine_annealing", T_max=90),
            "$.schedule: found cosine_annealing, expected a schedule that changes where an epoch of 4 updates begins and nowhere else",
        ),
        (
            of("multistep", milestones=[8, 10]),
            "$.milestones[1]: found 10, expected a multiple of the 4 updates of an epoch",
        ),
        (
            of("chained", schedules=[STEP | {"step_size": 4}, SMOOTH]),
            "$.schedules[1].schedule: found cosine_annealing, expected a schedule that changes where an epoch of 4 updates begins and nowhere else",
        ),
    ],
)
def test_a_schedule_that_changes_within_an_epoch_has_no_form_in_epochs(recipe: Recipe, line: str):
    with pytest.raises(BadInput) as caught:
        in_epochs(recipe, 4)
    assert str(caught.value) == line


@pytest.mark.parametrize("count", [0, -1, True, 2.0])
def test_an_epoch_has_a_whole_number_of_updates(count: Any):
    for turn in (in_updates, in_epochs):
        with pytest.raises(BadInput, match=r"updates_per_epoch: found .*, expected a whole number"):
            turn(of("step", step_size=2), count)


def test_a_schedule_that_reads_metrics_is_rejected_in_epochs():
    with pytest.raises(BadInput, match=r"\$.in_epochs.schedule: found reduce_on_plateau"):
        in_updates(of("reduce_on_plateau", metrics=[1.0]), 10)


def test_a_run_ten_times_longer_than_its_horizon_is_a_warning():
    """A published recipe: 10 epochs of 782 updates, its schedule 8 of 100."""
    assert warnings(load("paddle-cosine-warmup"), 7820, None) == [
        (
            "the run of 7,820 updates is 9.8 times the schedule's horizon of 800; after it: the rate "
            "rises again; the curve has period 2 · T_max"
        )
    ]


@pytest.mark.parametrize(
    ("recipe", "updates", "lines"),
    [
        (of("cosine_annealing", T_max=100), 100, 0),  # its last update is one before the trough
        (of("cosine_annealing", T_max=100), 101, 0),  # and here the trough itself
        (of("cosine_annealing", T_max=100), 102, 1),
        (of("cosine_annealing", T_max=100), 99, 1),
        (of("cosine_decay", decay_steps=100), 200, 1),  # held at 0
        (of("linear", start_factor=0.1, end_factor=1, total_iters=100), 200, 0),  # held at the top
        (of("multistep", milestones=[30, 60]), 90, 0),  # the last stair is meant
        (of("multistep", milestones=[30, 60]), 50, 1),  # a milestone is never reached
        (of("exponential", gamma=0.9), 5, 0),  # never ends
        (of("linear_warmup", warmup_steps=10), 10, 1),
        (of("linear_warmup", warmup_steps=10), 11, 0),
        (of("noam", d_model=512, warmup_steps=4000), 3000, 1),
        (
            of("sequential", schedules=[SMOOTH, STEP], milestones=[90]),
            1000,
            0,
        ),  # the last one counts
        (of("sequential", schedules=[STEP, SMOOTH], milestones=[90]), 1000, 1),
        (of("chained", schedules=[STEP, SMOOTH]), 1000, 1),
        (of("epochwise", updates_per_epoch=100, in_epochs=SMOOTH), 300, 0),
        (of("epochwise", updates_per_epoch=100, in_epochs=SMOOTH), 1000, 1),
    ],
)
def test_a_run_that_ends_elsewhere_than_its_schedule_is_a_warning(
    recipe: Recipe, updates: int, lines: int
):
    assert len(warnings(recipe, updates, None)) == lines


def test_the_warning_of_an_early_end_states_both_rates():
    assert warnings(of("cosine_decay", decay_steps=4), 3, None) == [
        (
            "the run of 3 updates ends before the schedule's horizon of 4: its last rate is 0.5, but "
            "the schedule ends at 0"
        )
    ]


def test_a_warmup_longer_than_the_run_is_a_warning():
    lines = warnings(load("bert"), 5000, None)
    assert lines[0] == "the warmup of 10,000 updates is longer than the run of 5,000"


def test_a_boundary_inside_an_epoch_is_a_warning():
    stairs = of("multistep", milestones=[780, 1000, 1564])
    assert warnings(stairs, None, 782) == [
        (
            "milestone at update 780 (and 1 more) falls inside epoch 0 (updates 0 to 781): a "
            "scheduler stepped once per epoch reaches it at update 782"
        )
    ]
    assert warnings(stairs, 800, 782)[-1].startswith("milestone at update 780 falls inside")
    assert warnings(stairs, None, 2) == []
    assert warnings(of("epochwise", updates_per_epoch=5, in_epochs=SMOOTH), None, 5) == []


def test_in_global_time_a_schedule_ends_at_its_own_step_of_the_run():
    """The line from 1 to 0 over 100 steps is in use from update 40 on: 1 - 59 / 100 at update 59."""
    line = {"schedule": "linear", "start_factor": 1.0, "end_factor": 0.0, "total_iters": 100}
    recipe = of("sequential", schedules=[STEP, line], milestones=[40], time="global")
    assert warnings(recipe, 60, None) == [
        (
            "the run of 60 updates ends before the schedule's horizon of 100: its last rate is 0.41, "
            "but the schedule ends at 0"
        )
    ]
    assert warnings(recipe, 101, None) == []
    assert warnings(recipe, 150, None)[0].startswith("the run of 150 updates is 1.5 times")
    over = of("sequential", schedules=[STEP, line], milestones=[120], time="global")
    assert warnings(over, 110, None)[0].startswith("the run of 110 updates ends before")
    assert warnings(over, 200, None) == []  # the line has ended before it is in use


def test_in_global_time_a_warmup_ends_at_its_own_step_of_the_run():
    warmup = {"schedule": "linear_warmup", "warmup_steps": 50}
    recipe = of("sequential", schedules=[STEP, warmup], milestones=[40], time="global")
    assert "the warmup of 50 updates is as long as the run of 50" in warnings(recipe, 50, None)
    assert warnings(recipe, 51, None) == []


def test_a_horizon_beyond_the_last_step_is_a_warning():
    far = of("linear_warmup", warmup_steps=2**53, after=SMOOTH)
    assert len(warnings(far, 10, None)) == 2


def test_a_run_without_updates_is_rejected():
    with pytest.raises(BadInput, match="updates: found 0, expected a whole number, 1 or more"):
        warnings(of("step", step_size=2), 0, None)
