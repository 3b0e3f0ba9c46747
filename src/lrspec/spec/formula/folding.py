"""Substitute values for the names of a formula, and simplify what is then constant.

No simplification changes a bit of a value: the result computes the same operations in the same
order.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence

from lrspec.spec.formula.functions import FUNCTIONS
from lrspec.spec.formula.nodes import call, called, is_constant, same, value_of
from lrspec.spec.formula.operators import COMPARISONS, OPERATORS

#: The node that replaces each name of a formula.
Nodes = Mapping[str, ast.expr]

#: The name of a step, which is never below 0.
STEP = "t"
_STEPS = frozenset({STEP})
_MAX_DIGITS = 12  # a number with more digits reads better as the operation that gives it


def operate(op: ast.operator, a: float, b: float) -> float | None:
    """Return the value of an operation on two numbers, None where it is not a finite float."""
    value: float = OPERATORS[type(op)].scalar(a, b)
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an integer beyond every float
        return None


def join(op: ast.boolop, conditions: Sequence[ast.expr]) -> ast.expr:
    """Return *conditions* joined by `and` or `or`, without those that are constants."""
    decisive = isinstance(op, ast.Or)  # the truth value that decides the whole
    if any(is_constant(c) and bool(value_of(c)) == decisive for c in conditions):
        return ast.Constant(decisive)
    unknown = [condition for condition in conditions if not is_constant(condition)]
    if not unknown:
        return ast.Constant(not decisive)
    return unknown[0] if len(unknown) == 1 else ast.BoolOp(op, unknown)


def substitute(
    node: ast.expr,
    names: Nodes,
    functions: Nodes | None = None,
    steps: frozenset[str] = _STEPS,
) -> ast.expr:
    """Return *node* with the nodes of *names* in their places, simplified.

    *functions* are the formula parameters, each an expression in t that replaces its calls;
    *steps* are names of numbers that are never below 0.
    """
    result: ast.expr = _Simplifier(names, functions or {}, steps).visit(node)
    return result


class _Simplifier(ast.NodeTransformer):
    """Rebuilds an expression from its leaves, each node as simple as it can be."""

    def __init__(self, names: Nodes, functions: Nodes, steps: frozenset[str]) -> None:
        self.names = names
        self.functions = functions
        self.steps = steps

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = called(node)
        if function == "product" and len(node.args) > 1:  # its first argument is a function
            return ast.Call(node.func, [node.args[0], self.visit(node.args[1])], [])
        arguments = [self.visit(argument) for argument in node.args]
        if function in self.functions:
            return substitute(self.functions[function], {STEP: arguments[0]})
        return _call(function, arguments)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        if is_constant(test):
            return self.visit(node.body if value_of(test) else node.orelse)  # type: ignore[no-any-return]
        body, orelse = self.visit(node.body), self.visit(node.orelse)
        return body if same(body, orelse) else ast.IfExp(test, body, orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return join(node.op, [self.visit(value) for value in node.values])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        match node.op:
            case ast.Not() if is_constant(operand):
                return ast.Constant(not value_of(operand))
            case ast.USub() if is_constant(operand):
                return _opposite(operand)
            case ast.UAdd():
                return operand  # type: ignore[no-any-return]
        return ast.UnaryOp(node.op, operand)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        (op,) = node.ops
        left, right = self.visit(node.left), self.visit(node.comparators[0])
        if is_constant(left) and is_constant(right):
            return ast.Constant(COMPARISONS[type(op)].exact(left.value, right.value))
        never_below = is_step(left, self.steps) and is_constant(right) and right.value <= 0
        if never_below and isinstance(op, (ast.Lt, ast.GtE)):
            return ast.Constant(isinstance(op, ast.GtE))
        return ast.Compare(left, [op], [right])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if is_constant(left) and is_constant(right):
            value = operate(node.op, left.value, right.value)
            if value is not None:
                return _number(value, ast.BinOp(left, node.op, right))
        return _neutral(left, node.op, right) or _signed(left, node.op, right)


def origin(node: ast.expr) -> ast.BinOp | None:
    """Return the operation that gave a number, where it reads better than the number's digits."""
    return getattr(node, "origin", None)


def _number(value: float, operation: ast.BinOp) -> ast.Constant:
    """Return the number *value*; one of many digits keeps the *operation* that gave it."""
    node = ast.Constant(value)
    if len(repr(value)) > _MAX_DIGITS:
        node.origin = operation  # type: ignore[attr-defined]
    return node


def _opposite(node: ast.Constant) -> ast.Constant:
    assert isinstance(node.value, (int, float))  # noqa: S101 - a number
    result, operation = ast.Constant(-node.value), origin(node)
    if operation is not None and isinstance(operation.op, ast.Sub):
        result.origin = ast.BinOp(operation.right, ast.Sub(), operation.left)  # type: ignore[attr-defined]
    return result


def is_step(node: ast.expr, steps: frozenset[str] = _STEPS) -> bool:
    """Return whether *node* is never below 0: a step, or the smaller of it and such a number."""
    match node:
        case ast.Name(id=name):
            return name in steps
        case ast.Call(ast.Name(id="min"), [first, limit]):
            return is_step(first, steps) and is_constant(limit) and value_of(limit) >= 0
    return False


def _call(function: str, arguments: list[ast.expr]) -> ast.expr:
    match function, arguments:
        case "restart_index", [t, first, ast.Constant(value=1)]:
            return ast.BinOp(t, ast.FloorDiv(), first)
        case "restart_start", [index, first, ast.Constant(value=1)]:
            return substitute(ast.BinOp(first, ast.Mult(), index), {})
        case "restart_length", [_, first, ast.Constant(value=1)]:
            return first
        case "min" | "max", [first, second] if same(first, second):
            return first
    if function in FUNCTIONS and all(map(is_constant, arguments)) and "restart" not in function:
        value = FUNCTIONS[function].scalar(*map(value_of, arguments))
        if math.isfinite(value):
            return ast.Constant(value)
    return call(function, *arguments)


def _neutral(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr | None:
    """Return the result of an operation with a neutral or absorbing operand, None for any other."""
    match op, value_of(left), value_of(right):
        case (ast.Add(), 0, _) | (ast.Mult(), 1, _):
            return right
        case (ast.Add() | ast.Sub(), _, 0) | (ast.Mult() | ast.Div() | ast.Pow(), _, 1):
            return left
        case (ast.Mult() | ast.Div(), 0, _) | (ast.Mult(), _, 0):
            return ast.Constant(0.0)
        case ast.Pow(), 1, _:
            return ast.Constant(1.0)
    match op, right:
        case ast.Sub(), ast.BinOp(size, ast.Mult(), ast.BinOp(t, ast.FloorDiv(), by)):
            if same(left, t) and same(size, by):  # t - n * (t // n)
                return ast.BinOp(t, ast.Mod(), size)
    return None


def _signed(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """Return the operation, the sum with a negative term being written as a difference."""
    turned = _negated(right) if isinstance(op, (ast.Add, ast.Sub)) else None
    if turned is None:
        return ast.BinOp(left, op, right)
    return ast.BinOp(left, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), turned)


def _negated(node: ast.expr) -> ast.expr | None:
    match node:
        case ast.Constant() if value_of(node) < 0:
            return _opposite(node)
        case ast.BinOp(left, (ast.Mult() | ast.Div()) as op, right):
            turned = _negated(left)
            return None if turned is None else ast.BinOp(turned, op, right)
    return None
