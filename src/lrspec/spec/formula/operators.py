"""The operators of the formula language: one table for grammar, compiler and simplifier.

Each has three meanings. `exact` is Python's own: exact on integers, and it raises where the result
is infinite or undefined. `scalar` computes the same on single numbers with the infinities and NaNs
of IEEE 754 in place of Python's errors. `array` is NumPy's, in float64, element by element.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Binary = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Operator:
    """An arithmetic operator: its sign, how tightly it binds, and its three meanings.

    `call` names it in compiled code where the sign itself does not mean what it should.
    """

    sign: str
    precedence: int
    call: str
    exact: Binary
    scalar: Binary
    array: Binary


@dataclass(frozen=True)
class Comparison:
    """A comparison: its sign, and its meaning on numbers."""

    sign: str
    exact: Callable[[Any, Any], bool]


#: How tightly each kind of expression binds, from the loosest to the tightest.
CONDITIONAL, OR, AND, NOT, COMPARED, SUM, TERM, MINUS, POWER, ATOM = range(10)


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 else math.copysign(math.inf, a)
    return a / b


def _floor_divide(a: float, b: float) -> float:
    return a // b if b else _divide(a, b)


def _modulo(a: float, b: float) -> float:
    return a % b if b else math.nan


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:  # 0 to a negative power is infinite, as in NumPy; the rest is undefined
        return math.inf if a == 0 else math.nan


def _floor_divide_array(a: Any, b: Any) -> Any:
    return np.floor_divide(a, np.float64(b))


def _modulo_array(a: Any, b: Any) -> Any:
    """Return a mod b; a itself, which is faster, where it lies in [0, b) already."""
    if np.ndim(a) and np.ndim(b) == 0 and a.size and a.max() < b and a.min() >= 0:
        return a
    return np.mod(a, np.float64(b))


def _power_array(a: Any, b: Any) -> Any:
    """Return a ** b in float64; squares, which are frequent, fifty times as fast."""
    return np.square(a) if np.ndim(b) == 0 and b == 2 else np.float_power(a, b)


_ADD, _SUB, _MUL, _DIV = operator.add, operator.sub, operator.mul, operator.truediv
OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: Operator("+", SUM, "__add", _ADD, _ADD, _ADD),
    ast.Sub: Operator("-", SUM, "__subtract", _SUB, _SUB, _SUB),
    ast.Mult: Operator("*", TERM, "__multiply", _MUL, _MUL, _MUL),
    ast.Div: Operator("/", TERM, "__divide", _DIV, _divide, _DIV),
    ast.FloorDiv: Operator(
        "//", TERM, "__floor_divide", operator.floordiv, _floor_divide, _floor_divide_array
    ),
    ast.Mod: Operator("%", TERM, "__modulo", operator.mod, _modulo, _modulo_array),
    ast.Pow: Operator("**", POWER, "__power", operator.pow, _power, _power_array),
}
COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Lt: Comparison("<", operator.lt),
    ast.LtE: Comparison("<=", operator.le),
    ast.Gt: Comparison(">", operator.gt),
    ast.GtE: Comparison(">=", operator.ge),
    ast.Eq: Comparison("==", operator.eq),
    ast.NotEq: Comparison("!=", operator.ne),
}
