"""What the tree of a formula in t tells of its curve: bounds, direction, whether it is a line."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from itertools import product

from lrspec.spec.formula.nodes import called, value_of
from lrspec.spec.formula.operators import OPERATORS

#: The least and the greatest value that a formula can have.
Bounds = tuple[float, float]
_ANY: Bounds = (-math.inf, math.inf)
_RISING = frozenset({"sqrt", "log", "log1p", "exp", "floor", "ceil"})


def line(node: ast.expr) -> tuple[float, float] | None:
    """Return the slope of *node* and its value at t = 0, None where it is no line."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return 0.0, number
        case ast.Name(id="t"):
            return 1.0, 0.0
        case ast.UnaryOp(ast.USub(), operand):
            return _scaled(line(operand), -1.0)
        case ast.BinOp(left, op, right):
            return _line_of_operation(line(left), op, line(right))
    return None


def _line_of_operation(
    a: tuple[float, float] | None, op: ast.operator, b: tuple[float, float] | None
) -> tuple[float, float] | None:
    if a is None or b is None:
        return None
    match op:
        case ast.Add() | ast.Sub():
            sign = 1 if isinstance(op, ast.Add) else -1
            return a[0] + sign * b[0], a[1] + sign * b[1]
        case ast.Mult() if not b[0]:
            return _scaled(a, b[1])
        case ast.Mult() if not a[0]:
            return _scaled(b, a[1])
        case ast.Div() if not b[0] and b[1]:
            return a[0] / b[1], a[1] / b[1]
    return None


def _scaled(of: tuple[float, float] | None, factor: float) -> tuple[float, float] | None:
    return None if of is None else (of[0] * factor, of[1] * factor)


def bounds(node: ast.expr) -> Bounds:
    """Return bounds of the values of *node* for t from 0 on; they may be too wide."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return number, number
        case ast.Name(id="t"):
            return 0.0, math.inf
        case ast.UnaryOp(ast.USub(), operand):
            low, high = bounds(operand)
            return -high, -low
        case ast.IfExp(_, body, orelse):
            return _hull([*bounds(body), *bounds(orelse)])
        case ast.BinOp(left, op, right):
            return _bounds_of_operation(bounds(left), op, bounds(right))
        case ast.Call(args=arguments):
            return _bounds_of_call(called(node), list(map(bounds, arguments)))
    return _ANY


def _bounds_of_operation(a: Bounds, op: ast.operator, b: Bounds) -> Bounds:
    match op:
        case ast.Mod() if b[0] > 0:
            return 0.0, b[1]
        case ast.Pow() if a[0] >= 0 or _is_fraction(b):  # of each side alone it rises or falls
            sides = product((max(a[0], 0.0), max(a[1], 0.0)), b)
            return _hull([OPERATORS[ast.Pow].scalar(x, y) for x, y in sides])
        case ast.Div() if b[0] <= 0:
            return _ANY
        case ast.Add() | ast.Sub() | ast.Mult() | ast.Div():
            return _hull([OPERATORS[type(op)].scalar(x, y) for x, y in product(a, b)])
    return _ANY


def _is_fraction(b: Bounds) -> bool:
    """Return whether *b* is one number that is not whole: a negative number has no such power."""
    return b[0] == b[1] and math.isfinite(b[0]) and b[0] != int(b[0])


def _bounds_of_call(function: str, of: Sequence[Bounds]) -> Bounds:
    match function:
        case "sin" | "cos":
            return -1.0, 1.0
        case "abs" | "sqrt" | "exp":
            return 0.0, math.inf
        case "min" | "max":
            pick = min if function == "min" else max
            return pick(low for low, _ in of), pick(high for _, high in of)
    return _ANY


def _hull(values: Sequence[float]) -> Bounds:
    known = [0.0 if math.isnan(x) else x for x in values]  # 0 times infinity, where t has a limit
    return min(known), max(known)


def direction(node: ast.expr) -> int | None:
    """Return 1 where *node* never falls as t grows, -1 where it never rises, 0 for a constant.

    None is for what may do both.
    """
    match node:
        case ast.Constant():
            return 0
        case ast.Name(id="t"):
            return 1
        case ast.UnaryOp(ast.USub(), operand):
            return _opposite(direction(operand))
        case ast.BinOp(left, op, right):
            return _direction_of_operation(left, op, right)
        case ast.Call(args=arguments) if called(node) in ("min", "max"):
            return _common(*map(direction, arguments))
        case ast.Call(args=[argument]) if called(node) in _RISING:
            return direction(argument)
    return None


def _direction_of_operation(left: ast.expr, op: ast.operator, right: ast.expr) -> int | None:
    a, b = direction(left), direction(right)
    match op:
        case ast.Add():
            return _common(a, b)
        case ast.Sub():
            return _common(a, _opposite(b))
        case ast.Mult():
            return _common(_times(a, right), _times(b, left))
        case ast.Div():
            reciprocal = _opposite(b) if bounds(right)[0] >= 0 else None if b else 0
            return _common(_times(a, right), _times(reciprocal, left))
        case ast.FloorDiv() if b == 0:
            return _times(a, right)
        case ast.Pow() if b == 0 and (bounds(left)[0] >= 0 or _is_fraction(bounds(right))):
            return _times(a, right)
        case ast.Pow() if a == 0 and (base := value_of(left)) is not None and base > 0:
            return b if base >= 1 else _opposite(b)
    return None


def _times(of: int | None, factor: ast.expr) -> int | None:
    """Return the direction of something that goes *of*, times *factor*."""
    low, high = bounds(factor)
    if of == 0:
        return 0
    return of if low >= 0 else _opposite(of) if high <= 0 else None


def _opposite(of: int | None) -> int | None:
    return None if of is None else -of


def _common(*directions: int | None) -> int | None:
    """Return the direction of a sum of what goes in *directions*."""
    moving = {each for each in directions if each != 0}
    return 0 if not moving else moving.pop() if len(moving) == 1 else None
