"""Conditions of a Python function, joined and compared; worked out as far as they are known."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Unreadable(Exception):
    """A function that is no formula; the message says why."""


_IDENTITY: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ORDER: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_OF_NUMBERS = {**_ORDER, ast.Eq: operator.eq, ast.NotEq: operator.ne}


def joined(op: ast.boolop, parts: Sequence[ast.expr]) -> ast.expr:
    """Return the conditions *parts* joined by *op*, known ones left out."""
    decides = isinstance(op, ast.Or)
    unknown = [part for part in parts if not isinstance(part, ast.Constant)]
    if any(isinstance(part, ast.Constant) and bool(part.value) == decides for part in parts):
        return ast.Constant(decides)
    if not unknown:
        return ast.Constant(not decides)
    return unknown[0] if len(unknown) == 1 else ast.BoolOp(op, unknown)


def folded(node: ast.Compare) -> ast.expr:
    """Return one comparison, worked out where both sides are constants."""
    op, sides = type(node.ops[0]), [literal(node.left), literal(node.comparators[0])]
    if any(not side for side in sides):
        known = op in _OF_NUMBERS
    else:
        a, b = (side[0] for side in sides)
        numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
        compare = _IDENTITY.get(op) or (_ORDER.get(op) if numbers else None)
        if compare is not None:
            return ast.Constant(compare(a, b))
        known = False
    if not known:
        raise Unreadable(f"it asks {ast.unparse(node)}")
    return node


def literal(node: ast.expr) -> tuple[Any, ...]:
    """Return the constant that *node* is, as one item, or none for anything else."""
    match node:
        case ast.Constant(value=value):
            return (value,)
        case ast.UnaryOp(ast.USub(), ast.Constant(value=int() | float() as value)):
            return (-value,)
    return ()
