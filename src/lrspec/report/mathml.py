"""Formulas as presentation MathML, from their trees."""

from __future__ import annotations

import ast
from html import escape
from itertools import pairwise

from lrspec.spec.formula.grammar import Formula

_GREEK = {"pi": "&#960;", "gamma": "&#947;", "eta": "&#951;", "inf": "&#8734;"}
_SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "·", ast.Mod: "mod"}
_RELATIONS = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
_FENCES = {"floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉"), "abs": ("|", "|")}
#: How tightly an operator binds; an operand that binds less is put in parentheses.
_CASES, _OR, _AND, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(8)


def mathml(name: str, formula: Formula) -> str:
    """Return the equation *name* = *formula* as a MathML element."""
    return (
        f'<math display="block"><mrow>{_text(name)}<mo>=</mo>{_node(formula.tree)[0]}</mrow></math>'
    )


def _text(name: str) -> str:
    """Return a name: its first part, and what follows an underscore as an index."""
    if name.endswith("(t)"):
        return f"<mrow>{_text(name[:-3])}<mo>(</mo><mi>t</mi><mo>)</mo></mrow>"
    head, _, rest = name.partition("_")
    if not rest or len(head) > 3:  # a long name with underscores is one word
        return f"<mi>{_GREEK.get(name) or escape(name)}</mi>"
    return f"<msub><mi>{_GREEK.get(head) or escape(head)}</mi><mi>{escape(rest)}</mi></msub>"


def _node(node: ast.expr) -> tuple[str, int]:
    """Return *node* as MathML, and how tightly its outermost operator binds."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return f"<mn>{value:.12g}</mn>", _ATOM
        case ast.Name(id=name):
            return _text(name), _ATOM
        case ast.BinOp():
            return _operation(node)
        case ast.IfExp():
            return _conditional(node), _ATOM
        case ast.Call(ast.Name(id=name), arguments):
            return _call(name, arguments), _ATOM
    return _logical(node)


def _operation(node: ast.BinOp) -> tuple[str, int]:
    left, op, right = node.left, node.op, node.right
    match op:
        case ast.Div():
            return f"<mfrac>{_row(left)}{_row(right)}</mfrac>", _ATOM
        case ast.FloorDiv():
            return f"<mo>⌊</mo><mfrac>{_row(left)}{_row(right)}</mfrac><mo>⌋</mo>", _ATOM
        case ast.Pow():
            return f"<msup>{_within(left, _ATOM)}{_row(right)}</msup>", _POWER
    level = _SUM if isinstance(op, (ast.Add, ast.Sub)) else _PRODUCT
    sign = f"<mo>{_SIGNS[type(op)]}</mo>"
    return f"{_within(left, level)}{sign}{_within(right, level + 1)}", level


def _logical(node: ast.expr) -> tuple[str, int]:
    """Return a sign, a comparison, or conditions joined by words."""
    match node:
        case ast.UnaryOp(ast.USub(), operand):
            return f"<mo>−</mo>{_within(operand, _PRODUCT)}", _SUM
        case ast.UnaryOp(ast.Not(), operand):
            return f"<mtext>not&#160;</mtext>{_within(operand, _RELATION)}", _AND
        case ast.Compare(left, [op], [right]):
            relation = f"<mo>{escape(_RELATIONS[type(op)])}</mo>"
            return f"{_within(left, _SUM)}{relation}{_within(right, _SUM)}", _RELATION
        case ast.BoolOp(op, values):
            level, word = (_AND, "and") if isinstance(op, ast.And) else (_OR, "or")
            between = f"<mtext>&#160;{word}&#160;</mtext>"
            return between.join(_within(value, level + 1) for value in values), level
    raise TypeError(ast.dump(node))  # outside the formula language


def _conditional(node: ast.IfExp) -> str:
    rows = []
    rest: ast.expr = node
    while isinstance(rest, ast.IfExp):
        test = f"<mrow><mtext>if&#160;</mtext>{_node(rest.test)[0]}</mrow>"
        rows.append(f"<mtr><mtd>{_row(rest.body)}</mtd><mtd>{test}</mtd></mtr>")
        rest = rest.orelse
    rows.append(f"<mtr><mtd>{_row(rest)}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>")
    table = f"<mtable columnalign='left left'>{''.join(rows)}</mtable>"
    return f"<mrow><mo stretchy='true'>{{</mo>{table}</mrow>"


def _call(name: str, arguments: list[ast.expr]) -> str:
    if name == "sqrt":
        return f"<msqrt>{_row(arguments[0])}</msqrt>"
    if name in _FENCES:
        opening, closing = _FENCES[name]
        return f"<mrow><mo>{opening}</mo>{_row(arguments[0])}<mo>{closing}</mo></mrow>"
    given = [_row(argument) for argument in arguments]
    joined = given[0] + "".join(f"<mo>,</mo>{after}" for _, after in pairwise(given))
    return f"<mrow>{_text(name)}<mo>&#8289;</mo><mo>(</mo>{joined}<mo>)</mo></mrow>"


def _row(node: ast.expr) -> str:
    return f"<mrow>{_node(node)[0]}</mrow>"


def _within(node: ast.expr, level: int) -> str:
    """Return *node* as an operand of an operator of *level*, in parentheses where it needs them."""
    text, own = _node(node)
    return f"<mrow>{text}</mrow>" if own >= level else f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"
