"""The constant parts of a Python function, evaluated with Python's semantics.

The formula language differs where Python raises, `1 / 0`: such a part is left as it is written.
"""

from __future__ import annotations

import ast
import contextlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrspec.spec.formula.functions import ELEMENTARY, FUNCTIONS
from lrspec.spec.formula.nodes import call, number
from lrspec.spec.formula.operators import COMPARISONS, OPERATORS


class Unreadable(Exception):
    """A function that is not a formula; the message is the reason."""


#: What a function of Python's, `math`'s or NumPy's is called in the formula language.
_NAMES = {name: name for name in ELEMENTARY} | {"fabs": "abs", "minimum": "min", "maximum": "max"}
_IDENTITY = frozenset({"float", "float64"})
_TRUNCATION = frozenset({"int", "trunc"})
_POWER = frozenset({"pow", "power"})
#: The operators that are computed; a power may be complex, or have millions of digits.
_COMPUTED = frozenset({ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv})
_EQUALITY: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    """Return a comparison, computed where both sides are constants.

    Any constants may be equal or identical, numbers alone have an order. Raises `Unreadable` for
    what the formula language cannot compare.
    """
    node = ast.Compare(left, [op], [right])
    a, b = literal(left), literal(right)
    if a and b and type(op) in _EQUALITY:
        return ast.Constant(_EQUALITY[type(op)](*a, *b))
    numbers = all(isinstance(side, (int, float)) for side in (*a, *b))
    if not numbers or type(op) not in COMPARISONS:
        raise Unreadable(f"it compares {ast.unparse(node)}")
    return ast.Constant(COMPARISONS[type(op)].exact(*a, *b)) if a and b else node


def operation(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """Return an operation, computed where both sides are numbers."""
    a, b = literal(left), literal(right)
    if a and b and type(op) in _COMPUTED:
        with contextlib.suppress(ArithmeticError):
            return number(OPERATORS[type(op)].exact(*a, *b))
    return ast.BinOp(left, op, right)


def function_call(function: str, arguments: Sequence[ast.expr]) -> ast.expr | None:
    """Return a call of one of Python's, `math`'s or NumPy's functions, None for any other.

    The largest or smallest of numbers is computed.
    """
    if function in _IDENTITY and len(arguments) == 1:
        return arguments[0]
    if function in _TRUNCATION and len(arguments) == 1:
        positive = ast.Compare(arguments[0], [ast.GtE()], [ast.Constant(0)])
        return ast.IfExp(positive, call("floor", arguments[0]), call("ceil", arguments[0]))
    if function in _POWER and len(arguments) == 2:
        return ast.BinOp(arguments[0], ast.Pow(), arguments[1])
    name = _NAMES.get(function)
    if name is None:
        return None
    known = [value for argument in arguments for value in literal(argument)]
    if name in ("max", "min") and len(known) == len(arguments) > 1:
        return number(FUNCTIONS[name].scalar(*known))
    return call(name, *arguments)


def literal(node: ast.expr) -> tuple[Any, ...]:
    """Return the constant that *node* is, as one item, or nothing for any other node."""
    match node:
        case ast.Constant(value=value):
            return (value,)
        case ast.UnaryOp(ast.USub(), ast.Constant(value=int() | float() as value)):
            return (-value,)
    return ()


def is_other_literal(node: ast.expr) -> bool:
    """Return whether *node* is a constant that is not a number: a string, a Boolean or None."""
    return isinstance(node, ast.Constant) and type(node.value) not in (int, float)
