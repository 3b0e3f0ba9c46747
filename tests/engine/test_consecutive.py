"""Long traces, which are computed by pieces and from tables."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrspec
from lrspec.engine.closed_form import at, blocks, trace
from lrspec.engine.pieces import found
from lrspec.errors import BadInput
from lrspec.spec.formula.decimals import decimal_context
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

#: The error of a rate of a trace that is computed from tables, relative to the peak.
OF_PEAK = 4e-16
COSINE = {"schedule": "cosine_annealing", "base_lr": 0.1, "T_max": 30_011, "eta_min": 0.003}
CURVES = {
    "cosine": COSINE,
    "cosine-decay": {"schedule": "cosine_decay", "base_lr": 1, "decay_steps": 9001, "alpha": 0.1},
    "cosine-wave": {"schedule": "lambda", "base_lr": 0.1, "factor": "1 + cos(0.001 * t) / 2"},
    "restarts": {"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 700, "T_mult": 3},
    "many-restarts": {"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 7},
    "lower-tops": {
        "schedule": "cosine_warm_restarts",
        "base_lr": 0.3,
        "T_0": 3001,
        "decay_rate": 0.7,
        "eta_min": 0.01,
    },
    "one-cycle": {"schedule": "one_cycle", "max_lr": 0.1, "total_steps": 20_003},
    "three-phases": {
        "schedule": "one_cycle",
        "max_lr": 0.1,
        "total_steps": 20_003,
        "three_phase": True,
        "anneal_strategy": "linear",
    },
    "exponential": {"schedule": "exponential", "base_lr": 0.1, "gamma": 0.9999},
    "rising": {"schedule": "exponential", "base_lr": 0.1, "gamma": 1.0001},
    "natural-exp": {"schedule": "natural_exp", "base_lr": 0.1, "gamma": 0.0003},
    "polynomial": {"schedule": "polynomial", "base_lr": 0.1, "total_iters": 20_003, "power": 0.9},
    "line": {"schedule": "polynomial", "base_lr": 0.1, "total_iters": 20_003, "end_lr": 0.01},
    "parabola": {"schedule": "polynomial", "base_lr": 0.1, "total_iters": 20_003, "power": 2.0},
    "multistep": {"schedule": "multistep", "base_lr": 0.1, "milestones": [900, 7000, 7001, 20_000]},
    "steps": {"schedule": "step", "base_lr": 0.1, "step_size": 2500, "gamma": 0.7},
    "cyclic": {"schedule": "cyclic", "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 2001},
    "noam": {"schedule": "noam", "base_lr": 1.0, "d_model": 512, "warmup_steps": 4000},
    "inverse-sqrt": {"schedule": "inverse_sqrt", "base_lr": 0.1, "warmup_steps": 1000},
    "epochs": {
        "schedule": "epochwise",
        "base_lr": 0.1,
        "updates_per_epoch": 1300,
        "in_epochs": {"schedule": "cosine_annealing", "T_max": 20},
    },
    "warmup": {"schedule": "linear_warmup", "base_lr": 0.5, "warmup_steps": 1777}
    | {"after": {"schedule": "cosine_annealing", "T_max": 20_000, "eta_min": 0.001}},
    "product": {
        "schedule": "chained",
        "base_lr": 0.1,
        "schedules": [
            {"schedule": "cosine_annealing", "T_max": 30_000},
            {"schedule": "multistep", "milestones": [3000, 7000]},
            {"schedule": "exponential", "gamma": 0.9999},
        ],
    },
}
STEPS = 40_000


def chosen(document: dict, count: int) -> list[int]:
    """Return random steps, and each step at which a piece starts, with those around it."""
    recipe = from_dict(document)
    with decimal_context():
        starts = []
        for piece in found(recipe, recipe.bases[0]):
            if piece.start >= STEPS or len(starts) > 20:
                break
            starts.append(piece.start)
    near = {start + offset for start in starts for offset in (-1, 0, 1, 2)}
    drawn = Random(0).sample(range(STEPS), count)
    return sorted(step for step in {*near, *drawn} if 0 <= step < STEPS)


@pytest.mark.parametrize("name", CURVES)
def test_the_rates_of_a_long_trace_are_as_near_to_the_exact_ones_as_those_of_an_array(name: str):
    recipe = from_dict(CURVES[name])
    rates = trace(recipe, STEPS)[:, 0]
    peak = rates.max()
    for t in chosen(CURVES[name], 60):
        exact = oracle.rate(recipe.to_dict(), t)
        assert abs(rates[t] - exact) <= max(2 * math.ulp(float(exact)), OF_PEAK * peak), t


@pytest.mark.parametrize("name", CURVES)
def test_a_trace_begins_as_a_shorter_one_does(name: str):
    recipe = from_dict(CURVES[name])
    whole = trace(recipe, STEPS)
    for steps in (513, 5000, STEPS - 1):
        assert np.array_equal(trace(recipe, steps), whole[:steps])


def test_rows_that_are_not_kept_are_the_same_in_any_block():
    recipe = from_dict({"schedule": "lambda", "base_lr": 1.0, "factor": "1 + cos(0.005 * t)"})
    rows = np.concatenate(list(blocks(recipe, 100_000, 12_345)))
    assert np.array_equal(rows, trace(recipe, 100_000))


@pytest.mark.parametrize("name", CURVES)
def test_the_blocks_of_a_trace_are_its_rows(name: str):
    recipe = from_dict(CURVES[name])
    rows = np.concatenate(list(blocks(recipe, STEPS, 1234)))
    assert np.array_equal(rows, trace(recipe, STEPS))


@given(st.integers(513, 3000), st.integers(50, 4000))
def test_blocks_of_any_size_are_the_rows_of_several_groups(steps: int, size: int):
    recipe = from_dict({**COSINE, "T_max": 700, "base_lr": [0.1, 0.2]})
    found_blocks = list(blocks(recipe, steps, size))
    assert [len(block) for block in found_blocks[:-1]] == [size] * (len(found_blocks) - 1)
    assert np.array_equal(np.concatenate(found_blocks), trace(recipe, steps))


def test_a_constant_part_is_one_number():
    recipe = from_dict(CURVES["multistep"])
    with decimal_context():
        pieces = [piece for piece, _ in zip(found(recipe, 0.1), range(5), strict=False)]
    assert [piece.start for piece in pieces] == [0, 900, 7000, 7001, 20_000]
    assert [piece.rate for piece in pieces] == pytest.approx([0.1, 1e-2, 1e-3, 1e-4, 1e-5])
    assert all(isinstance(piece.rate, float) for piece in pieces)


def test_a_formula_that_cannot_be_decided_for_many_steps_is_computed_step_by_step():
    recipe = from_dict({"schedule": "lambda", "base_lr": 1.0, "factor": "floor(0.7 * t) % 3"})
    assert np.array_equal(trace(recipe, 1000), at(recipe, np.arange(1000)))


def test_a_rate_that_overflows_in_a_long_trace_is_named():
    with pytest.raises(BadInput, match="no finite rate at step 7098"):
        trace(from_dict({"schedule": "exponential", "base_lr": 1.0, "gamma": 1.1051709}), 10_000)


def test_the_state_of_a_plateau_is_computed_over_all_blocks():
    metrics = [1.0] * 600
    plateau = {"schedule": "reduce_on_plateau", "base_lr": 1.0, "patience": 99, "metrics": metrics}
    recipe = from_dict(plateau)
    rows = np.concatenate(list(blocks(recipe, 700, 50)))
    assert np.array_equal(rows, trace(recipe, 700))


def test_the_schedule_yields_its_blocks():
    schedule = lrspec.load("one-sentence")
    sizes = [len(block) for block in schedule.blocks(10, size=4)]
    assert sizes == [4, 4, 2]
    in_torch = np.concatenate(list(schedule.as_in("torch").blocks(10, size=4)))
    assert np.array_equal(in_torch, schedule.as_in("torch").trace(10))
    with pytest.raises(BadInput, match="size"):
        schedule.blocks(10, size=0)
