"""Both forms are equal with fifty digits in every case, and equal to the engine's rates."""

from __future__ import annotations

import pytest
from fifty_digits import curve, forms
from mpmath import mpf
from recipes import each_kind

from lrspec.engine.closed_form import trace
from lrspec.engine.recursive_form import has_recursive_form, iterate
from lrspec.engine.timeline import timeline
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import Case, cases

pytestmark = pytest.mark.every_python

LONGEST, GENERATED = 140, 40  # steps; fifty-digit arithmetic is slow


def forms_agree(recipe: Recipe) -> bool:
    """Return whether both forms are equal in exact arithmetic on an undisturbed run."""
    agree = _is_factor if timeline(recipe).kind == "chain" else forms_agree
    return all(map(agree, recipe.members()))


def _is_factor(member: Recipe) -> bool:
    """Return whether each step of *member*, in a chain, only multiplies the rate before it."""
    if not (has_recursive_form(member) and member.scales_with_base() and forms_agree(member)):
        return False
    kind, following = timeline(member).kind, member.schedule.next
    is_leaf_factor = following is not None and "base_lr" not in following.names
    return kind == "chain" or (kind == "leaf" and is_leaf_factor)


def agrees(case: Case) -> bool:
    return has_recursive_form(case.recipe) and forms_agree(case.recipe)


AGREEING = [case for case in cases() if agrees(case)]


def _steps(case: Case) -> int:
    return min(horizons(case.recipe)[1], GENERATED if case.generated else LONGEST)


def test_most_schedules_have_two_forms_to_compare():
    assert {case.recipe.kind for case in AGREEING} >= {
        "chained",
        "constant",
        "cosine_annealing",
        "cosine_decay",
        "exponential",
        "linear",
        "linear_warmup",
        "multistep",
        "polynomial",
        "sequential",
        "step",
    }


@each_kind
def test_the_closed_and_the_recursive_form_are_one_curve(kind: str):
    for case in AGREEING:
        if case.recipe.kind == kind:
            check_forms(case)


def check_forms(case: Case) -> None:
    steps = _steps(case)
    base = mpf(case.recipe.bases[0])
    closed = curve(case.recipe)
    expected = [closed(mpf(t), base) for t in range(steps)]
    peak = max(map(abs, expected))
    recursive = iterate(case.recipe, steps, forms)[:, 0]
    near = mpf(10) ** -30 * peak
    assert all(abs(a - b) <= near for a, b in zip(expected, recursive, strict=True)), case.id


def test_only_in_a_chain_of_plain_factors_do_both_forms_agree():
    factors = [{"schedule": "exponential", "gamma": 0.5}, {"schedule": "step", "step_size": 2}]
    warmup = {"schedule": "linear_warmup", "warmup_steps": 2}
    cosine = {"schedule": "cosine_annealing", "T_max": 4}

    def agree(*members: dict) -> bool:
        return forms_agree(
            from_dict({"schedule": "chained", "base_lr": 1, "schedules": [*members]})
        )

    assert agree(*factors)
    assert agree({"schedule": "chained", "schedules": factors})
    assert not agree(factors[0], warmup)
    assert not agree(factors[0], cosine)


def test_the_comparison_can_fail():
    chained = from_dict(
        {
            "schedule": "chained",
            "base_lr": 1,
            "schedules": [
                {"schedule": "cosine_annealing", "T_max": 4, "eta_min": 0.25},
                {"schedule": "step", "step_size": 2},
            ],
        }
    )
    assert not forms_agree(chained)
    closed = [curve(chained)(mpf(t), mpf(1)) for t in range(8)]
    recursive = iterate(chained, 8, forms)[:, 0]
    assert max(abs(a - b) for a, b in zip(closed, recursive, strict=True)) > 0.1


@each_kind
def test_the_engine_is_the_specification_in_double_precision(kind: str):
    for case in cases():
        if case.recipe.kind == kind:
            check_engine(case)


def check_engine(case: Case) -> None:
    steps = _steps(case)
    closed = curve(case.recipe)
    rates = trace(case.recipe, steps)
    for group, base in enumerate(case.recipe.bases):
        expected = [float(closed(mpf(t), mpf(base))) for t in range(steps)]
        peak = max(map(abs, expected))
        observed = rates[:, group].tolist()
        assert all(abs(a - b) <= 1e-14 * peak for a, b in zip(expected, observed, strict=True)), (
            case.id
        )
