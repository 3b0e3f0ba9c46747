"""Both forms are one curve, in fifty digits, on every case; and a curve keeps its range."""

from __future__ import annotations

import pytest
from fifty_digits import OPERATORS, TABLE, curve, forms, values
from mpmath import mpf

from lrspec.conform.cases import Case, cases
from lrspec.truth.chainable import forms_agree, has_chainable_form, walked
from lrspec.truth.compiled import compile_formulas
from lrspec.truth.course import horizons
from lrspec.truth.formula import parse
from lrspec.truth.recipe import from_dict
from lrspec.truth.reference import trace

LONGEST, GENERATED = 140, 40  # steps in fifty digits, which take their time
AGREEING = [
    case for case in cases() if has_chainable_form(case.recipe) and forms_agree(case.recipe)
]


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


@pytest.mark.parametrize("case", AGREEING, ids=lambda case: case.id)
def test_the_closed_and_the_chainable_form_are_one_curve(case: Case):
    steps = _steps(case)
    base = mpf(case.recipe.bases[0])
    closed = curve(case.recipe)
    expected = [closed(mpf(t), base) for t in range(steps)]
    peak = max(map(abs, expected))
    chained = walked(case.recipe, steps, forms)[:, 0]
    worst = max(abs(a - b) for a, b in zip(expected, chained, strict=True))
    assert worst <= mpf(10) ** -30 * peak


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
    assert (
        max(abs(a - b) for a, b in zip(closed, walked(chained, 8, forms)[:, 0], strict=True)) > 0.1
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_the_engine_is_the_specification_in_double_precision(case: Case):
    steps = _steps(case)
    closed = curve(case.recipe)
    rates = trace(case.recipe, steps)
    for group, base in enumerate(case.recipe.bases):
        expected = [float(closed(mpf(t), mpf(base))) for t in range(steps)]
        peak = max(map(abs, expected))
        worst = max(abs(a - b) for a, b in zip(expected, rates[:, group].tolist(), strict=True))
        assert worst <= 1e-14 * peak


BOUNDS = ("lower", "upper")
RANGED = [case for case in cases() if "range" in case.recipe.schedule.document]


@pytest.mark.parametrize("case", RANGED, ids=lambda case: case.id)
def test_a_curve_keeps_its_range(case: Case):
    recipe = case.recipe
    schedule, bounds = recipe.schedule, recipe.schedule.document["range"]
    base = recipe.bases[0]
    lower, upper = (
        compile_formulas(schedule.arguments, schedule.lets, formula, TABLE, OPERATORS)
        for formula in (parse(bounds[k], parameters=frozenset(recipe.formulas())) for k in BOUNDS)
    )
    known = values(recipe, base)
    for t, rate in enumerate(trace(recipe, _steps(case))[:, 0]):
        least, most = lower(mpf(t), mpf(base), **known), upper(mpf(t), mpf(base), **known)
        slack = 1e-15 * max(abs(least), abs(most))
        assert least - slack <= rate <= most + slack, t
