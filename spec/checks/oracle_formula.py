"""The formulas of recipes with fifty digits, for `oracle`: nothing of lrspec.

What is compared or rounded to a whole number is a double: 10 times 0.7 is 7, although the double 0.7
is less than 7/10.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf


class Undefined(ArithmeticError):
    """The formula of a recipe has no value at this step."""


def double(number: Any) -> Any:
    """Return *number* rounded to double precision."""
    return mpf(float(number))


def formula(text: str, t: Any) -> Any:
    """Return the value of a recipe's own formula at *t*; raises `Undefined` where it has none."""
    value = _value(ast.parse(text.strip(), mode="eval").body, mpf(t))
    if not isinstance(value, mpf) or not mp.isfinite(value):
        raise Undefined(text)
    return value


def power(a: Any, b: Any) -> Any:
    """Return a ** b; raises `Undefined` for 0 to a negative power."""
    if a == 0:
        if b < 0:
            raise Undefined
        return mpf(b == 0)
    return a ** int(b) if b == int(b) else mp.power(a, b)


def _quotient(a: Any, b: Any) -> Any:
    if b == 0:
        raise Undefined
    return a / b


_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
    ast.FloorDiv: lambda a, b: mp.floor(_quotient(double(a), double(b))),
    ast.Mod: lambda a, b: double(a) - double(b) * mp.floor(_quotient(double(a), double(b))),
    ast.Pow: power,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in ("cos", "exp", "log", "log1p", "sin", "sqrt")},
    "ceil": lambda a: mp.ceil(double(a)),
    "floor": lambda a: mp.floor(double(a)),
    "abs": abs,
    "max": max,
    "min": min,
}


def _value(node: ast.expr, t: Any) -> Any:
    match node:
        case ast.Constant(value=value):
            return mpf(value)
        case ast.Name(id=name):
            return t if name == "t" else mp.pi + 0
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, t)
        case ast.UnaryOp(ast.Not(), operand):
            return not _value(operand, t)
        case ast.BinOp(left, op, right):
            return _OPERATORS[type(op)](_value(left, t), _value(right, t))
        case ast.Compare(left, [op], [right]):
            return _OPERATORS[type(op)](double(_value(left, t)), double(_value(right, t)))
        case ast.BoolOp(op, values):
            decide = all if isinstance(op, ast.And) else any
            return decide(_value(value, t) for value in values)
        case ast.IfExp(test, body, orelse):
            return _value(body if _value(test, t) else orelse, t)
        case ast.Call(ast.Name(id=name), arguments):
            return _FUNCTIONS[name](*(_value(argument, t) for argument in arguments))
    raise AssertionError(ast.dump(node))
