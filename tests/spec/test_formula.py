"""The formula language rejects what is outside it, and computes what is inside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrspec.errors import BadInput
from lrspec.spec.formula import functions
from lrspec.spec.formula.compiler import compile_formulas, value
from lrspec.spec.formula.functions import ARRAY, SCALAR
from lrspec.spec.formula.grammar import parse, with_values

pytestmark = pytest.mark.every_python

T = frozenset({"t"})


def of_t(text: str, t: float) -> float:
    return compile_formulas(("t",), (), parse(text, T), SCALAR)(t)


def of_array(text: str, t: list[float]) -> list[float]:
    function = compile_formulas(("t",), (), parse(text, T), ARRAY)
    with np.errstate(all="ignore"):
        return np.asarray(function(np.asarray(t, dtype=float))).tolist()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("__import__('os').system('true')", "Call"),
        ("__import__", "the name '__import__'"),
        ("t.real", "the attribute .real"),
        ("().__class__", "the attribute .__class__"),
        ("open('/etc/passwd')", "a call of open"),
        ("eval('1')", "a call of eval"),
        ("exec", "the name 'exec'"),
        ("[x for x in t]", "a Python ListComp"),
        ("lambda: 1", "a Python Lambda"),
        ("(lambda: 1)()", "a Python Call"),
        ("t[0]", "a Python Subscript"),
        ("'a' * 9", "the constant 'a'"),
        ("True", "the constant True"),
        ("1j", "the constant 1j"),
        ("f'{t}'", "a Python JoinedStr"),
        ("(y := 1)", "a Python NamedExpr"),
        ("{t: 1}", "a Python Dict"),
        ("0 < t < 1", "a Python Compare"),
        ("t in t", "a Python Compare"),
        ("t @ t", "a Python BinOp"),
        ("t << 9", "a Python BinOp"),
        ("~t", "a Python UnaryOp"),
        ("cos", "the function cos without its arguments"),
        ("cos(t, t)", "cos with 2 arguments"),
        ("min(t)", "min with 1 arguments"),
        ("cos(x=t)", "a call of cos"),
        ("cos(*t)", "a Python Starred"),
        ("base_lr", "the name 'base_lr'"),
        ("_t", "the name '_t'"),
        ("9**9**9", "9 ** 9 ** 9"),
        ("1/0", "1 / 0"),
        ("(-8) ** 0.5", "(-8) ** 0.5"),
        ("1e999", "the number inf"),
        ("9" * 400, "the number"),
        ("t +", "t +"),
        ("", ""),
        ("t; t", "t; t"),
        ("import os", "import os"),
        ("(" * 300 + "t" + ")" * 300, "("),
        ("-" * 200 + "t", "a larger formula"),
        ("+".join("t" * 900), "a larger formula"),
        ("t" * 3000, "3000 characters"),
    ],
)
def test_a_formula_outside_the_language_is_rejected(text: str, found: str):
    with pytest.raises(BadInput) as caught:
        parse(text, T)
    assert str(caught.value.found).startswith(found) or found in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rejection_names_the_column():
    with pytest.raises(BadInput) as caught:
        parse("t + nope", T)
    assert caught.value.place == "$, column 5"


@pytest.mark.parametrize(
    ("text", "t", "expected"),
    [
        ("0.95 ** t", 0, 1.0),
        ("t // 3", 8, 2.0),
        ("t % 3", 8, 2.0),
        ("t / (1 + abs(2 if t < 5 else 3))", 8, 2.0),
        ("t % 0", 8, math.nan),
        ("t // 0", 8, math.inf),
        ("1 / t", 0, math.inf),
        ("t ** -0.5", 0, math.inf),
        ("min((t + 1) ** -0.5, (t + 1) * 4 ** -1.5)", 3, 0.5),
        ("1 if t < 10 else 0.5", 10, 0.5),
        ("1 if not t < 10 and t != 12 or t == 0 else 0", 11, 1.0),
        ("max(t, 3, 5) - abs(-2)", 4, 3.0),
        ("floor(t / 4) + ceil(t / 4)", 6, 3.0),
        ("cos(pi * t)", 1, -1.0),
        ("sqrt(exp(log(t)))", 1, 1.0),
        ("sin(0 * t) + 2", 7, 2.0),
        ("floor(t * 1e300) * t + ceil(1e300) * t", 2, 6e300),
        ("floor(t / 0)", 2, math.inf),
        ("restart_index(t, 1, 3)", 120, 4.0),
        ("restart_index(t, 1, 3)", 121, 5.0),
        ("restart_index(t, 10, 1)", 10**15 + 9, 10.0**14),
        ("restart_start(restart_index(t, 1, 3), 1, 3)", 363, 121.0),
        ("restart_length(restart_index(t, 2, 5), 2, 5)", 12, 50.0),
    ],
)
def test_a_formula_has_one_value_on_numbers_and_on_arrays(text: str, t: float, expected: float):
    np.testing.assert_array_equal(float(of_t(text, t)), expected)
    on_array = of_array(text, [t, t])
    np.testing.assert_array_equal(on_array, [expected, expected])


@given(
    st.recursive(
        st.sampled_from(["t", "2", "0.5", "3"]),
        lambda inner: st.builds(
            lambda form, a, b: form.format(a, b),
            st.sampled_from(
                [
                    "({} + {})",
                    "({} - {})",
                    "({} * {})",
                    "({} if t < 5 else {})",
                    "min({}, {})",
                    "max({}, {})",
                    "(cos({}) - {})",
                    "({} / (1 + abs({})))",
                ]
            ),
            inner,
            inner,
        ),
        max_leaves=12,
    ),
    st.lists(st.integers(0, 50), min_size=1, max_size=8),
)
def test_arrays_and_numbers_agree_on_any_formula(text: str, steps: list[int]):
    try:
        expected = [float(of_t(text, t)) for t in steps]
    except BadInput:  # a constant part without a value
        return
    broadcast = np.broadcast_to(of_array(text, steps), len(steps))
    np.testing.assert_allclose(broadcast, expected, rtol=1e-13, atol=1e-13)


def test_an_array_is_never_written_over():
    t = np.arange(4.0)
    lets = (("a", parse("t + 1", T)),)
    function = compile_formulas(("t",), lets, parse("(a * 2) + a", frozenset({"a"})), ARRAY)
    assert function(t).tolist() == [3.0, 6.0, 9.0, 12.0]
    assert t.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_compiled_code_reaches_no_builtin():
    function = compile_formulas(("t",), (), parse("t", T), SCALAR)
    assert function.__globals__["__builtins__"] == {}


def test_value_takes_its_names_from_an_environment():
    assert value(parse("a + b * 2"), {"b": 3, "a": 1, "c": 9}) == 7
    assert value(parse("passed(m, 4)"), {"m": (2, 4, 9)}) == 2
    assert value(parse("increasing(m)"), {"m": (2, 2, 9)}) is True
    assert value(parse("increasing(m)"), {"m": (2, 1)}) is False


def test_the_cosine_of_an_old_numpy_is_taken_number_by_number():
    cosine = functions._by_math(math.cos)
    t = np.array([0.0, 1.0, np.inf])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(cosine(t), [1.0, math.cos(1.0), np.nan])
        assert cosine(t).dtype == np.float64
    assert cosine(2.0) == math.cos(2.0)


def test_a_negative_number_keeps_its_sign_under_a_power():
    formula = with_values(parse("gamma ** t"), {"gamma": -0.5})
    assert formula.text == "(-0.5) ** t"
    assert value(formula, {"t": 2}) == 0.25


@given(st.lists(st.integers(-(2**53), 2**53), min_size=2, max_size=2))
def test_an_operator_is_exact_on_integers_unless_it_divides_or_raises_to_a_power(sides: list[int]):
    for sign in ("+", "-", "*", "//", "%"):
        a, b = sides
        expected = eval(f"a {sign} b", {}, {"a": a, "b": b}) if b or sign in "+-*" else None  # noqa: S307
        computed = value(parse(f"a {sign} b"), {"a": a, "b": b})
        assert computed == expected if expected is not None else not math.isfinite(computed)
