"""The page's engine has the values of lrspec's own, from the same files of the specification."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from in_browser import call
from playwright.sync_api import Page

from lrspec.engine.closed_form import at
from lrspec.engine.landmarks import formula_breaks, landmarks, span
from lrspec.errors import BadInput
from lrspec.report.payload import schedule_documents
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import cases

FAR = [10**6 + 7, 10**9 + 5]


def expected(recipe, steps) -> list[float] | None:
    try:
        return at(recipe, steps)[:, 0].tolist()
    except BadInput:
        return None


def has_breaks(recipe: Recipe) -> bool:
    """Return whether *recipe* has landmarks that the page does not look for: those of formulas."""
    own = any(found.span for found in formula_breaks(recipe))
    return own or any(map(has_breaks, recipe.members()))


def test_every_case_of_the_suite_has_the_engines_rates_landmarks_and_span(blank: Page):
    recipes = {case.id: case.recipe for case in cases()}
    steps = {name: list(range(min(2 * span(r) + 5, 300))) for name, r in recipes.items()}
    for name, recipe in recipes.items():
        slow = recipe.schedule.machine or "product" in (
            recipe.schedule.document.get("closed") or ""
        )
        steps[name] += [] if slow or recipe.schedule.composition else FAR
    given = [[name, recipe.to_dict(), steps[name]] for name, recipe in recipes.items()]
    marks = call(
        blank,
        "engine",
        "given[1].map(([_, r]) => [m.span(given[0], r), m.landmarks(given[0], r, 300).map((l) => l[0])])",
        schedule_documents(),
        given,
    )
    found = call(
        blank,
        "validate",
        """given[1].map(([_, recipe, steps]) => {
            m.validate(given[0], recipe);
            try { return m.rates(given[0], recipe, steps) } catch { return null }
        })""",
        schedule_documents(),
        given,
    )
    assert len(found) == len(recipes)
    for name, (spanned, landmarked), rates in zip(recipes, marks, found, strict=True):
        recipe, wanted = recipes[name], expected(recipes[name], steps[name])
        if not has_breaks(recipe):
            assert spanned == max(span(recipe), 1), name
            assert sorted(set(landmarked)) == list(landmarks(recipe, 300)), name
        if wanted is None:
            assert rates is None, name
            continue
        peak = max(map(abs, wanted)) or 1.0
        assert np.abs(np.subtract(rates, wanted)).max() <= 1e-12 * peak, name


def test_the_logarithm_is_cpythons_for_every_power_of_a_small_number(blank: Page):
    powers = [(base**k, base) for base in range(2, 1001) for k in range(1, 53) if base**k < 2**53]
    found = call(
        blank,
        "functions",
        "given[0].map(([x, b]) => [m.logarithm(x), m.logarithm(x) / m.logarithm(b)])",
        powers,
    )
    assert found == [[math.log(x), math.log(x, base)] for x, base in powers]
    assert [243, 3] in [list(pair) for pair in powers]
    assert math.log(243, 3) < 5


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("-2 ** 2", {}),
        ("2 ** -1 ** 2", {}),
        ("-7 // 2 + -7 % 3 - 7 % -3", {}),
        ("1 if a < 2 and not b else 3 if a > 5 or b == 0 else 4", {"a": 1, "b": 2}),
        ("(1 - a) / (1 + a) * 2.5e-3", {"a": 0.3}),
        ("max(1, 2, a) + min(3, a) - abs(-a)", {"a": 7}),
        ("7.5 // 0.1", {}),
    ],
)
def test_a_formula_means_what_it_means_in_python(blank: Page, text: str, names: dict[str, float]):
    found = call(
        blank, "formula", "m.compile(given[0], Object.keys(given[1]))(given[1])", text, names
    )
    assert found == eval(text, {"max": max, "min": min, "abs": abs}, names)  # noqa: S307 - above


@pytest.mark.parametrize(
    "text",
    [
        "a.b",
        "__import__('os')",
        "a[0]",
        "lambda: 1",
        "1 +",
        "alert(1)",
        "a b",
        "constructor",
        "toString(1)",
    ],
)
def test_what_is_not_of_the_formula_language_is_rejected(blank: Page, text: str):
    script_ = (
        "(() => { try { m.compile(given[0], ['a']); return '' } catch (e) { return e.message } })()"
    )
    assert "expected" in call(blank, "formula", script_, text)


@pytest.mark.parametrize(
    "recipe",
    [
        {"schedule": "step", "base_lr": 1},
        {"schedule": "step", "base_lr": 1, "step_size": 0},
        {"schedule": "step", "base_lr": 0, "step_size": 1},
        {"schedule": "step", "base_lr": 1, "step_size": "4"},
        {
            "schedule": "sequential",
            "base_lr": 1,
            "milestones": [1],
            "schedules": [{"schedule": "reduce_on_plateau"}],
        },
        {
            "schedule": "sequential",
            "base_lr": 1,
            "milestones": [3, 2],
            "schedules": [{"schedule": "constant"}] * 3,
        },
        {"schedule": "multistep", "base_lr": 1, "milestones": 3},
        {"base_lr": 1},
        [1],
    ],
)
def test_a_mistake_in_a_recipe_has_the_message_of_the_command_line(blank: Page, recipe: Any):
    with pytest.raises(BadInput) as raised:
        from_dict(recipe)
    script_ = "(() => { try { m.validate(given[0], given[1]); return '' } catch (e) { return e.message } })()"
    found = call(blank, "validate", script_, schedule_documents(), recipe)
    assert found == str(raised.value), json.dumps(recipe)
