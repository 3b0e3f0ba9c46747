"""The run that a recipe is for."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.scenario.builders import LONGEST
from lrspec.scenario.own_run import own_run, run_length
from lrspec.spec.recipe import from_dict, load

COSINE = {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 10}


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        (COSINE, 12),  # it goes on after step 10
        ({"schedule": "one_cycle", "max_lr": 1, "total_steps": 10}, 10),  # it ends there
        ({"schedule": "step", "base_lr": 1, "step_size": 5}, 22),  # a few cycles
        ({**COSINE, "about": {"run": 7}}, 7),
        ({**COSINE, "about": {"run": "7"}}, 12),  # `about` is free text
        ({**COSINE, "about": {"run": True}}, 12),
        ({**COSINE, "about": {"run": 0}}, 12),
    ],
)
def test_a_run_is_the_stated_one_or_reaches_the_end(document, steps: int):
    length = run_length(from_dict(document))
    assert length.steps == steps
    assert length.is_known == (steps == 7)
    assert length.uncovered == ""


def test_what_is_not_covered_is_named():
    length = run_length(load("bert"), longest=400_000)
    assert length.steps == 400_000
    assert length.uncovered == (
        "Steps 400,000 to 999,999 are not covered; --steps 1000000 covers them."
    )
    assert run_length(load("bert"), 500_000, longest=400_000).uncovered == ""


def test_a_long_run_is_recorded_densely_around_its_landmarks_and_at_its_end():
    scenario = own_run(load("bert"), 1_000_000)
    recorded = set(scenario.t.astype(int).tolist())
    assert {9_999, 10_000, 10_001, 999_998, 999_999} <= recorded
    assert len(recorded) < 1100
    assert np.diff(sorted(recorded)).max() <= 1000
    assert sum(action.steps for action in scenario.actions) == 1_000_000


def test_a_short_run_is_recorded_whole():
    assert len(own_run(from_dict(COSINE), LONGEST).t) == LONGEST
    assert own_run(load("oneflow-plateau"), 40).id.name == "metrics"
