"""The source written for a recipe, nested in any way, gives the rates of the engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import grouped

from lrspec.codegen.plain_function import plain, rates_of
from lrspec.engine import closed_form
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

_RATE = st.floats(1e-6, 1.0)
_SHARE = st.floats(0.0, 1.0)
_STEPS = st.integers(1, 40)
_LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"schedule": st.just("constant"), "factor": _SHARE, "total_iters": st.integers(0, 40)}
    ),
    st.fixed_dictionaries(
        {"schedule": st.just("linear"), "start_factor": _SHARE, "end_factor": _SHARE, "total_iters": _STEPS}
    ),
    st.fixed_dictionaries({"schedule": st.just("cosine_annealing"), "T_max": _STEPS, "eta_min": _SHARE}),
    st.fixed_dictionaries({"schedule": st.just("cosine_decay"), "decay_steps": _STEPS, "alpha": _SHARE}),
    st.fixed_dictionaries(
        {
            "schedule": st.just("cosine_warm_restarts"),
            "T_0": _STEPS,
            "T_mult": st.integers(1, 3),
            "eta_min": _SHARE,
            "decay_rate": st.floats(0.1, 1.0),
            "restart_limit": st.integers(0, 3),
        }
    ),
    st.fixed_dictionaries(
        {"schedule": st.just("polynomial"), "total_iters": _STEPS, "power": st.floats(0.5, 3), "cycle": st.booleans()}
    ),
    st.fixed_dictionaries(
        {
            "schedule": st.just("one_cycle"),
            "max_lr": _RATE,
            "total_steps": _STEPS,
            "pct_start": st.floats(0, 0.5, exclude_min=True),
            "three_phase": st.booleans(),
            "anneal_strategy": st.sampled_from(["cos", "linear"]),
        }
    ),
    st.fixed_dictionaries({"schedule": st.just("multiplicative"), "factor": st.sampled_from(["0.9", "t / (t + 1)"])}),
    st.fixed_dictionaries({"schedule": st.just("step"), "step_size": _STEPS, "gamma": _SHARE}),
)  # fmt: skip


def _nested(members: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
    two = st.lists(members, min_size=2, max_size=3)
    return st.one_of(
        two.map(lambda schedules: {"schedule": "chained", "schedules": schedules}),
        st.builds(
            lambda schedules, first, more: {
                "schedule": "sequential",
                "schedules": schedules,
                "milestones": [first + more * i for i in range(len(schedules) - 1)],
            },
            two,
            st.integers(0, 30),
            st.integers(0, 30),
        ),
        st.builds(
            lambda after, steps: {
                "schedule": "linear_warmup",
                "warmup_steps": steps,
                "after": after,
            },
            members,
            _STEPS,
        ),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(_LEAVES, _nested, max_leaves=4), _RATE)
def test_the_source_of_any_recipe_gives_its_rates(document: dict, base: float):
    recipe = from_dict({**document, "base_lr": base})
    expected = closed_form.trace(recipe, 120)
    for one in (recipe, grouped(recipe)):
        rates = rates_of(plain(one), one)
        observed = np.array([rates(t) for t in range(120)])[:, :1]
        assert np.abs(observed - expected).max() <= 1e-12 * expected.max()
