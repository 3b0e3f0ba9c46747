"""Operations of a Python function on numbers, worked out as far as they are known."""

from __future__ import annotations

import ast
import contextlib
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.importers.conditions import literal
from lrspec.spec.formula.grammar import PLAIN

#: What a function of Python's, `math`'s or NumPy's is called in the formula language.
_SAME = {name: name for name in PLAIN} | {"fabs": "abs", "minimum": "min", "maximum": "max"}
_IDENTITY = frozenset({"float", "float64"})
_TRUNCATION = frozenset({"int", "trunc"})
_POWER = frozenset({"pow", "power"})
_OPERATORS: Mapping[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def operated(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """Return an operation, worked out as Python does where both sides are numbers."""
    sides = [literal(side) for side in (left, right)]
    if type(op) in _OPERATORS and sides[0] and sides[1]:
        with contextlib.suppress(ArithmeticError):
            return constant(_OPERATORS[type(op)](*sides[0], *sides[1]))
    return ast.BinOp(left, op, right)


def called(function: str, arguments: Sequence[ast.expr]) -> ast.expr | None:
    """Return a call of one of Python's, `math`'s or NumPy's functions, None of one we lack."""
    if function in _IDENTITY and len(arguments) == 1:
        return arguments[0]
    if function in _TRUNCATION and len(arguments) == 1:
        down, up = (_of(name, arguments[0]) for name in ("floor", "ceil"))
        positive = ast.Compare(arguments[0], [ast.GtE()], [ast.Constant(0)])
        return ast.IfExp(positive, down, up)
    if function in _POWER and len(arguments) == 2:
        return ast.BinOp(arguments[0], ast.Pow(), arguments[1])
    return _worked_out(_SAME[function], arguments) if function in _SAME else None


def constant(value: float) -> ast.expr:
    """Return a number as a formula has it, its sign before it."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _worked_out(name: str, arguments: Sequence[ast.expr]) -> ast.expr:
    """Return a call, worked out where it is the largest or the smallest of numbers."""
    known = [literal(argument) for argument in arguments]
    if name in ("max", "min") and len(known) > 1 and all(known):
        choose = max if name == "max" else min
        return constant(choose(found for one in known for found in one))
    return _of(name, *arguments)


def _of(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
