"""The steps at which a formula changes its rule."""

import pytest

from lrspec.spec.formula.breaks import breaks
from lrspec.spec.formula.functions import ELEMENTARY
from lrspec.spec.formula.grammar import parse


def breaks_of(text: str):
    return breaks(parse(text, frozenset({"t"}), ELEMENTARY, condition=False))


@pytest.mark.parametrize(
    ("formula", "steps"),
    [
        ("1 if t < 30000 else 0.1", [30000]),
        ("1 if t <= 30000 else 0.1", [30001]),
        ("0.1 if 500 < t and t < 900 else 1", [501, 900]),
        ("0.5 if t == 7 else 1", [7, 8]),
        ("min(1, t / 500) * max(0, (10000 - t) / 9500)", [500, 10000]),
        ("512 ** -0.5 * min((t + 1) ** -0.5, (t + 1) * 4000 ** -1.5)", [3999]),
        ("0.5 * (1 + cos(pi * min(t, 5000) / 5000))", [5000]),
        ("max(0.95 ** t, 0.01)", [90]),  # 0.95 ** 89 is 0.0104, 0.95 ** 90 is 0.0099
        ("1 if t * t < 10000 else 0", [100]),
        ("abs(t - 40)", [40]),
        ("0.95 ** t", []),
        ("1 / (1 + 0.1 * t)", []),
        ("max(0, t + 1)", []),
    ],
)
def test_a_comparison_changes_where_one_side_passes_the_other(formula, steps):
    found = breaks_of(formula)
    assert found.until(10**6) == steps
    assert found.span == max(steps, default=0)
    assert found.complete


@pytest.mark.parametrize(
    ("formula", "steps", "span"),
    [
        ("0.5 ** (t // 30)", [30, 60, 90], 120),
        ("0.1 ** floor(t / 30)", [30, 60, 90], 120),
        ("1 - (t % 40) / 40", [40, 80], 160),
        ("1 if t % 60 < 10 else 0.1", [10, 60, 70], 250),
        ("1 if (t - 5) % 60 <= 10 else 0.1", [5, 16, 65, 76], 256),
        ("1 if (t / 10) % 6 < 3 else 0.1", [30, 60, 90], 270),
        ("0.5 * (1 + cos(pi * t / 50))", [50], 200),
        ("1 + sin(pi * t / 50)", [25, 75], 225),
    ],
)
def test_a_cycle_breaks_in_each_period(formula, steps, span):
    found = breaks_of(formula)
    assert found.until(99) == steps
    assert found.span == span
    assert found.complete


@pytest.mark.parametrize("formula", ["1 if t * sin(t) < 5000 else 0", "floor(sqrt(t))"])
def test_breaks_that_cannot_be_found_are_not_claimed(formula):
    assert not breaks_of(formula).complete


def test_a_number_in_a_comparison_that_is_not_solved_is_taken_for_a_step():
    assert 5000 in breaks_of("1 if t * sin(t) < 5000 else 0").until(10**4)


@pytest.mark.parametrize(
    ("formula", "end"),
    [
        ("max((1 - t / 400) ** 0.9, 0.01)", 401),
        ("sqrt(400 - t)", 401),
        ("(1 - t / 400) ** 0.9 if t < 400 else 0", None),
        ("(1 - min(t, 400) / 400) ** 0.9", None),
        ("(1 - t / 400) ** 2", None),
    ],
)
def test_a_formula_ends_where_it_has_no_value(formula, end):
    found = breaks_of(formula)
    assert found.end == end
    assert end is None or found.span == end
    assert found.complete
