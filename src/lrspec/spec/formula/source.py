"""Expressions as Python source, spaced as `ruff format` spaces them."""

from __future__ import annotations

import ast
import math

from lrspec.spec.formula.folding import shown, value_of
from lrspec.spec.formula.grammar import CONSTANTS

#: Functions of the formula language that Python's `math` has.
MATH = frozenset({"ceil", "cos", "exp", "floor", "log", "sin", "sqrt"})

_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 5),
    ast.Sub: ("-", 5),
    ast.Mult: ("*", 6),
    ast.Div: ("/", 6),
    ast.FloorDiv: ("//", 6),
    ast.Mod: ("%", 6),
    ast.Pow: ("**", 8),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CONDITIONAL, _OR, _AND, _NOT, _COMPARED, _MINUS, _POWER, _ATOM = 0, 1, 2, 3, 4, 7, 8, 9


def spelled(node: ast.expr) -> str:
    """Return *node* as Python source: powers are of floats, functions those of `math`."""
    return _spelled(node)[0]


def _spelled(node: ast.expr) -> tuple[str, int]:
    """Return the source of *node* and how tightly its outermost operator binds."""
    match node:
        case ast.Compare() | ast.BoolOp() | ast.IfExp() | ast.UnaryOp(ast.Not()):
            return _condition(node)
        case ast.BinOp() | ast.UnaryOp():
            return _operation(node)
        case ast.Constant():
            operation = shown(node)
            return _number(value_of(node)) if operation is None else _spelled(operation)
        case ast.Name(id=name):
            return (f"math.{name}" if name in (*CONSTANTS, "inf") else name), _ATOM
        case ast.Attribute(inner, attribute):
            return f"{_within(inner, _ATOM)}.{attribute}", _ATOM
        case ast.List(items):
            return f"[{', '.join(map(spelled, items))}]", _ATOM
        case ast.Subscript(inner, index):
            return f"{_within(inner, _ATOM)}[{spelled(index)}]", _ATOM
        case ast.Call(ast.Name(id=called), arguments):
            prefix = "math." if called in MATH else ""
            return f"{prefix}{called}({', '.join(map(spelled, arguments))})", _ATOM
    raise TypeError(ast.dump(node))


def _operation(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.UnaryOp(op, operand):
            sign = "-" if isinstance(op, ast.USub) else "+"
            return f"{sign}{_within(operand, _MINUS)}", _MINUS
        case ast.BinOp(left, ast.Pow(), right):
            return _power(left, right), _POWER
        case ast.BinOp(left, op, right):
            sign, binds = _OPERATORS[type(op)]
            return f"{_within(left, binds)} {sign} {_within(right, binds + 1)}", binds
    raise TypeError(ast.dump(node))


def _condition(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.UnaryOp(ast.Not(), operand):
            return f"not {_within(operand, _NOT)}", _NOT
        case ast.Compare(left, [op], [right]):
            sides = _within(left, _COMPARED + 1), _within(right, _COMPARED + 1)
            return f" {_COMPARISONS[type(op)]} ".join(sides), _COMPARED
        case ast.BoolOp(ast.And(), values):
            return " and ".join(_within(value, _AND + 1) for value in values), _AND
        case ast.BoolOp(ast.Or(), values):
            return " or ".join(_within(value, _OR + 1) for value in values), _OR
        case ast.IfExp(test, body, orelse):
            sides = _within(body, _OR), _within(test, _OR)
            return f"{sides[0]} if {sides[1]} else {spelled(orelse)}", _CONDITIONAL
    raise TypeError(ast.dump(node))


def _within(node: ast.expr, binds: int) -> str:
    text, own = _spelled(node)
    return text if own >= binds else f"({text})"


def _number(value: float) -> tuple[str, int]:
    if isinstance(value, float) and math.isinf(value):
        return ("math.inf", _ATOM) if value > 0 else ("-math.inf", _MINUS)
    return repr(value), _ATOM if value >= 0 else _MINUS


def _power(left: ast.expr, right: ast.expr) -> str:
    """Return a power of floats; two simple operands stand close together."""
    if not is_float(left) and not is_float(right):
        left = _float(left)
    close = _is_simple(left) and _is_simple(right)
    sides = _within(left, _POWER + 1), _within(right, _MINUS)
    return ("**" if close else " ** ").join(sides)


def _is_simple(node: ast.expr) -> bool:
    match node:
        case ast.Name():
            return True
        case ast.Constant():
            return shown(node) is None
        case ast.Attribute(inner):
            return _is_simple(inner)
        case ast.UnaryOp(ast.USub(), ast.Constant()):
            return True
    return False


def is_float(node: ast.expr) -> bool:
    """Tell whether *node* is a float for sure; a power of integers may have endless digits."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, float)
        case ast.Name(id=name):
            return name in CONSTANTS or name in ("lr", "rate")
        case ast.Call(ast.Name(id=called)):
            return called in ("cos", "exp", "log", "sin", "sqrt", "float")
        case ast.UnaryOp(_, operand):
            return is_float(operand)
        case ast.BinOp(_, ast.Div(), _):
            return True
        case ast.BinOp(left, ast.Pow(), right) | ast.BinOp(left, _, right):
            return is_float(left) or is_float(right)
        case ast.IfExp(_, body, orelse):
            return is_float(body) and is_float(orelse)
    return False


def _float(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(float(node.value))
    return ast.Call(ast.Name("float", ast.Load()), [node], [])
