"""Landmarks, spans and ends, worked out by hand or from the curve."""

from __future__ import annotations

import math

import pytest
from recipes import NAMED, Named, each_kind, of_kind

from lrspec.engine.closed_form import at
from lrspec.engine.landmarks import span
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules

PHASES = {"schedule": "one_cycle", "max_lr": 1, "total_steps": 16, "pct_start": 0.25}
EPOCHS = {
    "schedule": "epochwise",
    "base_lr": 1,
    "updates_per_epoch": 3,
    "in_epochs": {"schedule": "exponential", "gamma": 0.5},
}
CYCLES = {"schedule": "polynomial", "base_lr": 1, "total_iters": 3}


def marks(recipe: Recipe, horizon: int) -> dict[str, list[float]]:
    """Return the steps of each landmark of the recipe itself, including those before step 1."""
    values = {**recipe.values(1.0), "base_lr": 1.0, "horizon": horizon}
    steps = {name: value(f, values) for name, f in recipe.schedule.landmarks.items()}
    return {n: list(at) if isinstance(at, (list, tuple)) else [at] for n, at in steps.items()}


MARKS: list[tuple[dict, dict]] = [
    (
        {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 2},
        {"trough": [2, 6, 10], "peak": [4, 8]},
    ),
    (PHASES, {"peak": [3], "first rate again": [], "end": [15]}),
    ({**PHASES, "three_phase": True}, {"peak": [3], "first rate again": [6], "end": [15]}),
    (CYCLES, {"end": [3], "cycle": []}),
    (EPOCHS, {"epoch": [3, 6, 9]}),
    ({**CYCLES, "cycle": True}, {"end": [3], "cycle": [4, 7, 10]}),
]


@pytest.mark.parametrize(("document", "expected"), MARKS)
def test_landmarks_are_the_steps_worked_out_by_hand(document: dict, expected: dict):
    assert marks(from_dict(document), 11) == expected


SPANS: list[tuple[dict, int]] = [
    # the last boundary takes effect at step 3
    ({"schedule": "multistep", "base_lr": 1, "milestones": [1, 2.5]}, 3),
    ({"schedule": "piecewise_constant", "boundaries": [1, 2.5], "values": [1, 2, 3]}, 3),
    # six cycles of 2, or as many as there are, the last one included
    ({"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 2}, 12),
    ({"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 2, "restart_limit": 8}, 16),
]


@pytest.mark.parametrize(("document", "expected"), SPANS)
def test_a_span_is_the_number_of_steps_worked_out_by_hand(document: dict, expected: int):
    assert span(from_dict(document)) == expected


CONSTANT_END = [
    named
    for named in NAMED
    if named.recipe.schedule.document["end"]["then"] == "hold"
    and not named.recipe.values(1.0).get("cycle")  # with `cycle` the decay is extended
]
EXAMPLES = [named for named in CONSTANT_END if named.example]


def end(recipe: Recipe) -> int:
    """Return the first step of the hold."""
    return math.ceil(value(recipe.schedule.end, recipe.values(1.0)))


@each_kind
def test_curves_are_constant_from_their_end_on_and_the_span_reaches_it(kind: str):
    for named in of_kind(kind, CONSTANT_END):
        check_hold(named)


@each_kind
def test_curves_are_not_constant_before_their_end(kind: str):
    for named in of_kind(kind, EXAMPLES):
        check_last_change(named)


def check_hold(named: Named) -> None:
    first = end(named.recipe)
    rates = at(named.recipe, [first, first + 1, first + 2, 2 * first + 100, 10**12])[:, 0]
    assert len({*rates}) == 1, named.id
    assert first <= span(named.recipe), named.id


def check_last_change(named: Named) -> None:
    last = end(named.recipe)
    before, final = at(named.recipe, [last - 1, last])[:, 0]
    assert before != final, named.id


def test_every_schedule_with_a_constant_end_is_checked():
    constant = {kind for kind, s in schedules().items() if s.document["end"]["then"] == "hold"}
    assert {named.recipe.kind for named in EXAMPLES} == constant
