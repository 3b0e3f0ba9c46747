"""Source has the structure of its expression; simplifying an expression changes no bit."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.nodes import constant
from lrspec.spec.formula.unparse import unparse

pytestmark = pytest.mark.every_python

_NUMBERS = st.one_of(st.integers(0, 9), st.floats(0.25, 4)).map(ast.Constant)
_OPERATIONS = [ast.Add(), ast.Sub(), ast.Mult(), ast.Div(), ast.Mod(), ast.FloorDiv(), ast.Pow()]


def _operated(parts: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    compared = st.builds(lambda a, b: ast.Compare(a, [ast.Lt()], [b]), parts, parts)
    return st.one_of(
        st.builds(ast.BinOp, parts, st.sampled_from(_OPERATIONS), parts),
        st.builds(ast.UnaryOp, st.just(ast.USub()), parts),
        st.builds(ast.IfExp, compared, parts, parts),
    )


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(st.one_of(_NUMBERS, st.just(ast.Name("t", ast.Load()))), _operated, max_leaves=8)
)
def test_source_is_parsed_back_to_its_expression(node: ast.expr):
    """Powers differ: they are made powers of floats."""
    plain_tree = ast.parse(ast.unparse(ast.fix_missing_locations(node)), mode="eval").body
    parsed = ast.parse(unparse(node), mode="eval").body

    class Floats(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            if isinstance(node.op, ast.Pow):
                match node.left:
                    case ast.Call(ast.Name(id="float"), [inner]):
                        node.left = inner
                    case ast.Constant(value=float() as value) if value.is_integer():
                        node.left = ast.Constant(int(value))
            return node

    assert ast.dump(Floats().visit(parsed)) == ast.dump(Floats().visit(plain_tree))


_SIGNED = st.sampled_from([0.0, -0.0, -0.5, -2.0, 1.5, 3.0]).map(ast.Constant)


@settings(max_examples=300, deadline=None)
@given(st.recursive(_SIGNED, _operated, max_leaves=6))
def test_a_negative_number_and_a_negative_zero_keep_their_place(node: ast.expr):
    tree = ast.fix_missing_locations(ast.Expression(node))
    assert _value(unparse(node)) == _value(compile(tree, "<tree>", "eval"))


def _value(code) -> str:
    """Return the value with the sign of a zero, or the name of an error."""
    try:
        return repr(eval(code, {}))  # noqa: S307 - our own text
    except ArithmeticError as error:
        return type(error).__name__
    except TypeError:  # a complex number
        return "complex"


@given(st.integers(0, 60), st.floats(0.1, 2.0))
def test_simplifying_changes_no_bit(t: int, a: float):
    formula = parse("0 + 1 * (a - 0.3) * min(t, 9) / 1 + (0.1 - a) * t - 7 * (t // 7)")
    names = {"a": constant(a)}
    simple = unparse(substitute(formula.tree, names))
    expected = value(formula, {"t": t, "a": a})
    assert eval(simple, {}, {"t": t}) == expected  # noqa: S307 - our own text


@pytest.mark.parametrize(
    ("power", "source"),
    [
        ("(0.5 if t < 3 else 2.5) ** t", "(0.5 if t < 3 else 2.5) ** t"),
        ("(0.5 if t < 3 else 2) ** t", "float(0.5 if t < 3 else 2) ** t"),
        ("(2 if t < 3 else 0.5) ** t", "float(2 if t < 3 else 0.5) ** t"),
        ("(t / 2) ** 3", "(t / 2) ** 3"),
        ("(t + 0.5) ** 2", "(t + 0.5) ** 2"),
        ("(t + 1) ** 2", "float(t + 1) ** 2"),
        ("cos(t) ** 2", "math.cos(t) ** 2"),
        ("floor(t) ** 2", "float(math.floor(t)) ** 2"),
        ("3 ** t", "3.0**t"),
    ],
)
def test_only_a_power_of_integers_is_made_one_of_floats(power: str, source: str):
    """A power of integers may have any number of digits."""
    assert unparse(ast.parse(power, mode="eval").body) == source


@pytest.mark.parametrize(
    ("formula", "simplified"),
    [("1 ** t", 1.0), ("0 * t", 0.0), ("t * 0", 0.0), ("0 / t", 0.0)],
)
def test_an_absorbing_operand_leaves_a_constant(formula: str, simplified: float):
    folded = substitute(parse(formula).tree, {})
    assert isinstance(folded, ast.Constant)
    assert folded.value == simplified
