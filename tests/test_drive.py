"""Drives and landmarks: which steps are asked for, and in which order."""

from __future__ import annotations

import pytest

from lrspec.truth.drive import DRIVES, expand, horizons
from lrspec.truth.landmarks import landmarks, span
from lrspec.truth.recipe import from_dict

COSINE = {"schedule": "cosine_annealing", "T_max": 5}


def recipe(**document):
    return from_dict({"base_lr": 1, **document})


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        (COSINE, {5: "trough", 10: "peak", 15: "trough", 20: "peak"}),
        ({"schedule": "step", "step_size": 7}, {7: "decay", 14: "decay", 21: "decay"}),
        ({"schedule": "multistep", "milestones": [0, 2.5, 30]}, {3: "milestone"}),
        (
            {"schedule": "cosine_warm_restarts", "T_0": 1, "T_mult": 3},
            {1: "restart", 4: "restart", 13: "restart"},
        ),
        (
            {"schedule": "polynomial", "total_iters": 9, "cycle": True},
            {9: "end", 10: "cycle", 19: "cycle"},
        ),
        ({"schedule": "polynomial", "total_iters": 9}, {9: "end"}),
        ({"schedule": "exponential", "gamma": 0.5}, {}),
        (
            {"schedule": "linear_warmup", "warmup_steps": 3, "after": COSINE},
            {3: "end of the warmup", 8: "trough", 13: "peak", 18: "trough"},
        ),
        (
            {"schedule": "sequential", "schedules": [COSINE, COSINE], "milestones": [7]},
            {5: "trough", 7: "milestone", 12: "trough", 17: "peak", 22: "trough"},
        ),
        (
            {
                "schedule": "sequential",
                "schedules": [COSINE, COSINE],
                "milestones": [7],
                "time": "global",
            },
            {5: "trough", 7: "milestone", 10: "peak", 15: "trough", 20: "peak"},
        ),
        (
            {"schedule": "chained", "schedules": [COSINE, {"schedule": "step", "step_size": 11}]},
            {5: "trough", 10: "peak", 11: "decay", 15: "trough", 20: "peak", 22: "decay"},
        ),
    ],
)
def test_landmarks_are_where_something_happens(document, steps):
    assert landmarks(recipe(**document), 22) == steps


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        (COSINE, 10),
        ({"schedule": "cosine_warm_restarts", "T_0": 2, "T_mult": 3}, 26),
        ({"schedule": "linear_warmup", "warmup_steps": 3, "after": COSINE}, 13),
        ({"schedule": "linear_warmup", "warmup_steps": 3}, 3),
        ({"schedule": "sequential", "schedules": [COSINE, COSINE], "milestones": [7]}, 17),
        ({"schedule": "chained", "schedules": [COSINE, {"schedule": "step", "step_size": 4}]}, 16),
    ],
)
def test_the_span_shows_all_that_happens(document, steps):
    assert span(recipe(**document)) == steps
    assert horizons(recipe(**document)) == (steps + 2, 2 * steps + 5)


def test_a_stepwise_drive_is_plain_updates():
    drive = expand(recipe(**COSINE), "stepwise", 7)
    assert (drive.name, drive.actions, drive.t.tolist()) == (
        "stepwise@7",
        (("updates", 7),),
        [*range(7)],
    )
    assert drive.stepwise


def test_a_jump_drive_goes_forward_backward_and_twice_to_one_step():
    drive = expand(recipe(**COSINE), "jump", 12)
    targets = [number for verb, number in drive.actions if verb == "jump"]
    assert targets == [4, 10, 5, 5, 0, 10, 12, 1]
    assert drive.t.tolist()[:8] == [0, 1, 4, 5, 6, 10, 11, 12]
    assert len(drive.t) == sum(number for verb, number in drive.actions if verb == "updates")
    assert not drive.stepwise


def test_a_groups_drive_has_two_rates_where_there_was_one():
    assert expand(recipe(**COSINE), "groups", 5).recipe.bases == (1.0, 0.1)
    assert expand(recipe(**{**COSINE, "base_lr": [3, 4, 5]}), "groups", 5).recipe.bases == (3, 4, 5)


@pytest.mark.parametrize("name", DRIVES)
def test_a_drive_has_an_action_for_every_update(name):
    drive = expand(recipe(schedule="exponential", gamma=0.9), name, 20)
    assert sum(number for verb, number in drive.actions if verb == "updates") == len(drive.t)


def test_a_limit_of_cycles_that_no_run_reaches_is_not_worked_out():
    endless = {"schedule": "cosine_warm_restarts", "T_0": 1, "T_mult": 7, "restart_limit": 2**53}
    assert span(recipe(**endless)) > 2**53
    assert horizons(recipe(**endless)) == (20_000, 20_000)
