"""Timelines: which part of a recipe sets the rate of a step, and at which step of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrspec.engine.timeline import Part, timeline
from lrspec.spec.recipe import Recipe, from_dict

STEP = {"schedule": "step", "step_size": 2, "gamma": 0.5}
DECAY = {"schedule": "exponential", "gamma": 0.5}
COSINE = {"schedule": "cosine_annealing", "T_max": 4}


def of(kind: str, **given: Any) -> Recipe:
    return from_dict({"schedule": kind, "base_lr": 1, **given})


def test_a_recipe_that_is_no_composition_is_one_part_without_end():
    line = timeline(of("exponential", gamma=0.5))
    assert (line.kind, line.parts) == ("leaf", (Part(own=True),))
    assert line.part_at(10**15) == Part(
        member=None, own=True, start=0, stop=None, offset=0, stride=1
    )


def test_a_member_of_a_sequence_starts_at_its_milestone_with_its_own_step_0():
    recipe = of("sequential", schedules=[STEP, DECAY, COSINE], milestones=[4, 10])
    step, decay, cosine = recipe.members()
    assert timeline(recipe).parts == (
        Part(step, start=0, stop=4, offset=0),
        Part(decay, start=4, stop=10, offset=4),
        Part(cosine, start=10, stop=None, offset=10),
    )


def test_in_global_time_a_member_starts_at_the_step_of_the_run():
    recipe = of("sequential", schedules=[STEP, DECAY], milestones=[4], time="global")
    second = timeline(recipe).parts[1]
    assert (second.start, second.offset) == (4, 0)
    assert second.local(4) == 4


def test_a_warmup_is_the_first_segment_and_what_follows_it_the_second():
    recipe = of("linear_warmup", warmup_steps=5, after=DECAY)
    assert timeline(recipe).kind == "segments"
    assert timeline(recipe).parts == (
        Part(own=True, start=0, stop=5),
        Part(recipe.members()[0], start=5, stop=None, offset=5),
    )


def test_after_a_warmup_alone_the_rate_stays_at_the_base_rate():
    rest = timeline(of("constant_warmup", warmup_steps=5)).parts[1]
    assert rest == Part(member=None, own=False, start=5, stop=None, offset=5)


def test_the_members_of_a_chain_are_all_at_work_at_every_step():
    recipe = of("chained", schedules=[STEP, DECAY])
    line = timeline(recipe)
    assert (line.kind, line.parts) == ("chain", tuple(map(Part, recipe.members())))
    assert line.part_at(3) is None


def test_a_step_of_a_member_in_epochs_takes_all_updates_of_an_epoch():
    recipe = of("epochwise", updates_per_epoch=3, in_epochs=DECAY)
    (member,) = recipe.members()
    line = timeline(recipe)
    assert (line.kind, line.parts) == ("epochs", (Part(member, stride=3),))
    assert [line.parts[0].local(t) for t in range(7)] == [0, 0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ([2, 4], [0, 0, 1, 1, 2, 2]),
        ([2, 2], [0, 0, 2, 2, 2, 2]),  # of two equal milestones the member between has no step
        ([0, 4], [1, 1, 1, 1, 2, 2]),
        ([0, 0], [2, 2, 2, 2, 2, 2]),
    ],
)
def test_the_step_that_is_a_milestone_belongs_to_the_next_member(milestones, expected):
    line = timeline(of("sequential", schedules=[STEP, DECAY, COSINE], milestones=milestones))
    assert [line.index_at(t) for t in range(6)] == expected


def test_a_fraction_of_a_step_before_a_milestone_belongs_to_the_member_before():
    line = timeline(of("sequential", schedules=[STEP, DECAY], milestones=[4]))
    assert [line.index_at(t) for t in (3.999, 4.0, 4.5)] == [0, 1, 1]
    assert line.parts[1].local(4.5) == 0.5


def test_the_own_steps_of_an_array_keep_its_shape_and_type():
    part = Part(own=True, start=4, offset=4, stride=3)
    own = part.local(np.array([[4.0, 6.0], [7.0, 10.0]]))
    assert own.tolist() == [[0, 0], [1, 2]]
    assert own.dtype == np.float64


def test_the_first_step_of_an_own_step_has_that_own_step():
    part = Part(own=True, start=4, offset=4, stride=3)
    assert [part.outer(own) for own in range(4)] == [4, 7, 10, 13]
    assert [part.local(part.outer(own)) for own in range(4)] == [0, 1, 2, 3]


def test_the_members_are_the_parts_with_a_recipe():
    warmup = of("linear_warmup", warmup_steps=5, after=DECAY)
    assert [(part.start, member.kind) for part, member in timeline(warmup).members] == [
        (5, "exponential")
    ]
    assert list(timeline(of("linear_warmup", warmup_steps=5)).members) == []


def test_steps_far_beyond_a_float_are_exact():
    far = timeline(of("sequential", schedules=[STEP, DECAY], milestones=[2**53 + 1]))
    assert [far.index_at(t) for t in (2**53, 2**53 + 1)] == [0, 1]
    assert far.parts[1].local(2**53 + 3) == 2
