"""Syntax trees of formulas: functions that build and inspect nodes."""

from __future__ import annotations

import ast
from typing import Any


def name(text: str) -> ast.Name:
    """Return a name."""
    return ast.Name(text, ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of the function with that name."""
    return ast.Call(name(function), list(arguments), [])


def number(value: float) -> ast.expr:
    """Return a number as a formula's parser does: with a minus as an operator."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def constant(value: Any) -> ast.expr:
    """Return the value of a parameter, which may be a list, as one node."""
    if isinstance(value, (tuple, list)):
        return ast.List([constant(item) for item in value], ast.Load())
    return ast.Constant(value)


def is_constant(node: ast.expr) -> bool:
    """Return whether *node* is a number or a truth value."""
    return isinstance(node, ast.Constant)


def value_of(node: ast.expr) -> Any:
    """Return the value of a constant, None for any other node."""
    return node.value if isinstance(node, ast.Constant) else None


def called(node: ast.Call) -> str:
    """Return the name of the function that *node* calls, "" if it is not a plain name."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def same(a: ast.expr, b: ast.expr) -> bool:
    """Return whether two nodes are the same expression."""
    return ast.dump(a) == ast.dump(b)


def count(node: ast.AST, wanted: str) -> int:
    """Return how often *node* reads the name *wanted*."""
    return sum(isinstance(n, ast.Name) and n.id == wanted for n in ast.walk(node))
