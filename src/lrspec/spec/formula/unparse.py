"""Expressions as Python source, spaced as `ruff format` spaces them."""

from __future__ import annotations

import ast
import math

from lrspec.spec.formula.folding import origin
from lrspec.spec.formula.functions import CONSTANTS, ELEMENTARY
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import call, called, value_of
from lrspec.spec.formula.operators import (
    AND,
    ATOM,
    COMPARED,
    COMPARISONS,
    CONDITIONAL,
    MINUS,
    NOT,
    OPERATORS,
    OR,
    POWER,
)

#: Functions of the formula language that Python has without `math`.
_BUILTINS = frozenset({"abs", "max", "min"})
_MATH = ELEMENTARY - _BUILTINS
_UNARY = {ast.USub: ("-", MINUS), ast.UAdd: ("+", MINUS), ast.Not: ("not ", NOT)}
#: Functions whose result is a float, whatever their argument.
_FLOATS = (_MATH - {"ceil", "floor"}) | {"float"}


def python_of(formula: Formula) -> str | None:
    """Return *formula* as Python source over `math`, None where Python has no such function."""
    calls = (called(node) for node in ast.walk(formula.tree) if isinstance(node, ast.Call))
    return unparse(formula.tree) if ELEMENTARY.issuperset(calls) else None


def unparse(node: ast.expr) -> str:
    """Return *node* as Python source: powers are of floats, functions those of `math`."""
    return _unparsed(node)[0]


def _unparsed(node: ast.expr) -> tuple[str, int]:
    """Return the source of *node* and how tightly its outermost operator binds."""
    match node:
        case ast.Constant():
            operation = origin(node)
            return _number(value_of(node)) if operation is None else _unparsed(operation)
        case ast.Name(id=name):
            return (f"math.{name}" if name in (*CONSTANTS, "inf") else name), ATOM
        case ast.Attribute(inner, attribute):
            return f"{_within(inner, ATOM)}.{attribute}", ATOM
        case ast.List(items):
            return f"[{', '.join(map(unparse, items))}]", ATOM
        case ast.Subscript(inner, index):
            return f"{_within(inner, ATOM)}[{unparse(index)}]", ATOM
        case ast.Call(ast.Name(id=function), arguments):
            prefix = "math." if function in _MATH else ""
            return f"{prefix}{function}({', '.join(map(unparse, arguments))})", ATOM
    return _operation(node)


def _operation(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.UnaryOp(op, operand):
            sign, precedence = _UNARY[type(op)]
            return sign + _within(operand, precedence), precedence
        case ast.BinOp(left, ast.Pow(), right):
            return _power(left, right), POWER
        case ast.BinOp(left, op, right):
            operator = OPERATORS[type(op)]
            sides = _within(left, operator.precedence), _within(right, operator.precedence + 1)
            return f" {operator.sign} ".join(sides), operator.precedence
        case ast.Compare(left, [op], [right]):
            sides = _within(left, COMPARED + 1), _within(right, COMPARED + 1)
            return f" {COMPARISONS[type(op)].sign} ".join(sides), COMPARED
        case ast.BoolOp(op, values):
            word, precedence = (" and ", AND) if isinstance(op, ast.And) else (" or ", OR)
            return word.join(_within(value, precedence + 1) for value in values), precedence
        case ast.IfExp(test, body, orelse):
            chosen = f"{_within(body, OR)} if {_within(test, OR)}"
            return f"{chosen} else {unparse(orelse)}", CONDITIONAL
    raise TypeError(ast.dump(node))


def _within(node: ast.expr, precedence: int) -> str:
    text, own = _unparsed(node)
    return text if own >= precedence else f"({text})"


def _number(value: float) -> tuple[str, int]:
    if isinstance(value, float) and math.isinf(value):
        return ("math.inf", ATOM) if value > 0 else ("-math.inf", MINUS)
    if isinstance(value, float) and math.isnan(value):
        return "math.nan", ATOM
    return repr(value), MINUS if math.copysign(1, value) < 0 else ATOM


def _power(left: ast.expr, right: ast.expr) -> str:
    """Return a power of floats; two simple operands stand close together."""
    if not _is_float(left) and not _is_float(right):
        left = _float(left)
    close = _is_simple(left) and _is_simple(right)
    sides = _within(left, POWER + 1), _within(right, MINUS)
    return ("**" if close else " ** ").join(sides)


def _is_simple(node: ast.expr) -> bool:
    match node:
        case ast.Name() | ast.UnaryOp(ast.USub(), ast.Constant()):
            return True
        case ast.Constant():
            return origin(node) is None
        case ast.Attribute(inner):
            return _is_simple(inner)
    return False


def _is_float(node: ast.expr) -> bool:
    """Return whether *node* is a float; a power of integers may have any number of digits."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, float)
        case ast.Name(id=name):
            return name in CONSTANTS or name in ("lr", "rate")
        case ast.Call(ast.Name(id=function)):
            return function in _FLOATS
        case ast.UnaryOp(_, operand):
            return _is_float(operand)
        case ast.BinOp(_, ast.Div(), _):
            return True
        case ast.BinOp(left, _, right):
            return _is_float(left) or _is_float(right)
        case ast.IfExp(_, body, orelse):
            return _is_float(body) and _is_float(orelse)
    return False


def _float(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(float(node.value))
    return call("float", node)
