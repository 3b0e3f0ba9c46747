"""The recursive form: its recursion, and where it equals the closed form."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.engine import recursive_form
from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 10}
HALVED = {"schedule": "exponential", "gamma": 0.5}


def test_the_recursive_form_is_the_recursion_worked_out_by_hand():
    recipe: Recipe = from_dict({**COSINE, "T_max": 4})
    by_hand = [1.0]
    for t in range(1, 9):
        if (t - 1 - 4) % 8 == 0:
            by_hand.append(by_hand[-1] + (1 - np.cos(np.pi / 4)) / 2)
        else:
            by_hand.append(
                by_hand[-1] * (1 + np.cos(np.pi * t / 4)) / (1 + np.cos(np.pi * (t - 1) / 4))
            )
    rates = recursive_form.trace(recipe, 9)[:, 0]
    np.testing.assert_allclose(rates, by_hand, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(rates, at(recipe, np.arange(9))[:, 0], atol=1e-15)


def test_a_rate_that_is_not_finite_is_rejected_with_its_step():
    members = [{"schedule": "lambda", "factor": "sqrt(2 - t)"}, {"schedule": "constant"}]
    recipe = from_dict(
        {"schedule": "sequential", "base_lr": 1, "schedules": members, "milestones": [9]}
    )
    with pytest.raises(BadInput, match="no finite rate at step 3,"):
        recursive_form.trace(recipe, 12)


def test_a_chain_that_is_first_in_global_time_starts_with_all_its_factors():
    chain = {"schedule": "chained", "schedules": [{"schedule": "constant", "factor": 0.5}, HALVED]}
    recipe = from_dict(
        {
            "schedule": "sequential",
            "base_lr": 1,
            "schedules": [chain, HALVED],
            "milestones": [2],
            "time": "global",
        }
    )
    expected = [0.5, 0.25, 0.25, 0.125]
    assert recursive_form.trace(recipe, 4)[:, 0].tolist() == expected
    assert at(recipe, np.arange(4))[:, 0].tolist() == expected
