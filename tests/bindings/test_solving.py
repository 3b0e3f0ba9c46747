"""Numbers recovered from what a constructor computed from them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrspec.bindings.solving import check_solvable, solve
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import parse


@pytest.mark.parametrize(
    ("formula", "result", "expected"),
    [
        ("x", 0.25, 0.25),
        ("x + k", 5.0, 3.0),
        ("k + x", 5.0, 3.0),
        ("x - k", 5.0, 7.0),
        ("k - x", 5.0, -3.0),
        ("x * k", 5.0, 2.5),
        ("k * x", 5.0, 2.5),
        ("x / k", 5.0, 10.0),
        ("k / x", 5.0, 0.4),
        ("(k - x) / (k + 1)", -1.0, 5.0),
        ("k / (k * x)", 0.1, 10.0),
    ],
)
def test_a_formula_is_solved_for_its_one_unknown(formula: str, result: float, expected: float):
    assert solve(parse(formula), "x", result, {"k": 2.0}) == expected


def test_the_shortest_decimal_is_found():
    formula = parse("x * total_steps - 1")
    assert 0.3 * 21 - 1 != (0.3 * 21 - 1 + 1) / 21 * 21  # inverting alone would not give 0.3
    assert solve(formula, "x", 0.3 * 21 - 1, {"total_steps": 21}) == 0.3


@given(
    st.integers(1, 10**6).map(lambda n: n / 1000),
    st.floats(1e-3, 1e3),
    st.sampled_from(["x * k", "x / k", "k / x", "x * k - 1", "(k - x) / k"]),
)
def test_a_solution_gives_the_result_or_is_within_rounding_of_it(x: float, k: float, text: str):
    formula = parse(text)
    result = value(formula, {"x": x, "k": k})
    again = value(formula, {"x": solve(formula, "x", result, {"k": k}), "k": k})
    assert again == pytest.approx(result, rel=1e-9, abs=1e-9)


def test_an_equation_without_a_solution_gives_no_finite_number():
    assert not math.isfinite(solve(parse("k / x"), "x", 0.0, {"k": 2.0}))
    assert not math.isfinite(solve(parse("x * k"), "x", 1.0, {"k": 0.0}))


@pytest.mark.parametrize("formula", ["x + x", "x ** 2", "exp(x)", "k", "1 if x else 2"])
def test_a_formula_that_cannot_be_solved_is_refused(formula: str):
    with pytest.raises(BadInput, match="a formula with x once, under"):
        check_solvable(parse(formula), "x")
