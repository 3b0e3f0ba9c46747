"""The recursive form: the recursion, where it is one curve with the closed form, and where not."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.engine import recursive_form
from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 10}


def test_the_walk_is_the_recursion_and_not_the_closed_form():
    """The classical pair: after a change of the rate in between they differ (here: in a chain)."""
    recipe: Recipe = from_dict({**COSINE, "T_max": 4})
    by_hand = [1.0]
    for t in range(1, 9):
        if (t - 1 - 4) % 8 == 0:
            by_hand.append(by_hand[-1] + (1 - np.cos(np.pi / 4)) / 2)
        else:
            by_hand.append(
                by_hand[-1] * (1 + np.cos(np.pi * t / 4)) / (1 + np.cos(np.pi * (t - 1) / 4))
            )
    walked = recursive_form.trace(recipe, 9)[:, 0]
    np.testing.assert_allclose(walked, by_hand, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(walked, at(recipe, np.arange(9))[:, 0], atol=1e-15)


def test_a_walk_without_finite_rates_is_refused_by_its_step():
    members = [{"schedule": "lambda", "factor": "sqrt(2 - t)"}, {"schedule": "constant"}]
    recipe = from_dict(
        {"schedule": "sequential", "base_lr": 1, "schedules": members, "milestones": [9]}
    )
    with pytest.raises(BadInput, match="no finite rate at step 3,"):
        recursive_form.trace(recipe, 12)


def test_both_forms_of_a_chain_of_plain_factors_agree_and_of_no_other():
    factors = [{"schedule": "exponential", "gamma": 0.5}, {"schedule": "step", "step_size": 2}]
    warmup = {"schedule": "linear_warmup", "warmup_steps": 2}
    cosine = {"schedule": "cosine_annealing", "T_max": 4}

    def agree(*members: dict) -> bool:
        return recursive_form.forms_agree(
            from_dict({"schedule": "chained", "base_lr": 1, "schedules": [*members]})
        )

    assert agree(*factors)
    assert agree({"schedule": "chained", "schedules": factors})
    assert not agree(factors[0], warmup)
    assert not agree(factors[0], cosine)
