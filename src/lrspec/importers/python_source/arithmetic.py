"""Arithmetic on the literals of a file, with bounds on the size of a result."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from lrspec.importers.python_source.values import is_number

_MOST_BITS = 4096
_MOST_ITEMS = 100_000

_OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}


def binary(left: Any, op: ast.operator, right: Any) -> Any:
    """Return *left* *op* *right*, numbers or lists.

    Raises `TypeError` or `ArithmeticError` as Python does, `ValueError` for what is too large.
    """
    if type(op) not in _OPERATIONS:
        raise TypeError(f"the operator {type(op).__name__}")
    if is_number(left) and is_number(right):
        _check_size(left, op, right)
        result = _OPERATIONS[type(op)](left, right)
        if not is_number(result):
            raise ValueError("a complex number")
        return result
    if isinstance(op, ast.Add) and isinstance(left, (list, tuple)):
        return left + right
    if isinstance(op, ast.Mult) and isinstance(left, (list, tuple)) and isinstance(right, int):
        if len(left) * right > _MOST_ITEMS:
            raise ValueError("too long a list")
        return left * right
    raise TypeError("operands that are no numbers")


def unary(op: ast.unaryop, operand: Any) -> Any:
    """Return *op* of a number."""
    if type(op) not in _UNARY or not is_number(operand):
        raise TypeError("an operand that is no number")
    return _UNARY[type(op)](operand)


def _check_size(left: Any, op: ast.operator, right: Any) -> None:
    if not (isinstance(left, int) and isinstance(right, int)):
        return
    bits: float = left.bit_length() + right.bit_length()
    if isinstance(op, ast.Pow):
        bits = left.bit_length() * abs(right) if right.bit_length() < 64 else math.inf
    if bits > _MOST_BITS:
        raise ValueError("too large a number")
