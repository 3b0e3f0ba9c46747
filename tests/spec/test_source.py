"""An expression is spelled as it is nested, and made simpler without the change of a bit."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.folding import filled, node_of, tree_of
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.source import spelled

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
def test_an_expression_is_spelled_as_it_is_nested(node: ast.expr):
    """The tree of the text is the tree, but for powers, which are made those of floats."""
    plain_tree = ast.parse(ast.unparse(ast.fix_missing_locations(node)), mode="eval").body
    spelt = ast.parse(spelled(node), mode="eval").body

    class Floats(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            if isinstance(node.op, ast.Pow):
                match node.left:
                    case ast.Call(ast.Name(id="float"), [inner]):
                        node.left = inner
                    case ast.Constant(value=float() as found) if found.is_integer():
                        node.left = ast.Constant(int(found))
            return node

    assert ast.dump(Floats().visit(spelt)) == ast.dump(Floats().visit(plain_tree))


@given(st.integers(0, 60), st.floats(0.1, 2.0))
def test_simplifying_changes_no_bit(t: int, a: float):
    formula = parse("0 + 1 * (a - 0.3) * min(t, 9) / 1 + (0.1 - a) * t - 7 * (t // 7)")
    names = {"a": node_of(a)}
    simple = spelled(filled(tree_of(formula), names))
    expected = value(formula, {"t": t, "a": a})
    assert eval(simple, {}, {"t": t}) == expected  # noqa: S307 - our own text
