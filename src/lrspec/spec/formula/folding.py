"""Formulas with their numbers filled in, worked out as far as numbers alone go.

Every step keeps the value to the last bit: what is left computes what the formula computes, in the
same order.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from lrspec.spec.formula.functions import SCALAR
from lrspec.spec.formula.grammar import Formula

#: What stands for a name of a formula.
Nodes = Mapping[str, ast.expr]

_OPERATORS: dict[type[ast.operator], Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: SCALAR["__divide"],
    ast.FloorDiv: SCALAR["__floor_divide"],
    ast.Mod: SCALAR["__modulo"],
    ast.Pow: SCALAR["__power"],
}
_COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
#: The name of a step: it is never below 0.
STEP = "t"
_STEPS = frozenset({STEP})
_DIGITS = 12  # a number of more reads better as what it was worked out of


def node_of(value: Any) -> ast.expr:
    """Return a parameter's value as it stands in a formula."""
    if isinstance(value, (tuple, list)):
        return ast.List([node_of(item) for item in value], ast.Load())
    return ast.Constant(value)


def name(text: str) -> ast.Name:
    """Return a name."""
    return ast.Name(text, ast.Load())


def tree_of(formula: Formula) -> ast.expr:
    """Return the tree of *formula*, for a reader of its own."""
    return ast.parse(ast.unparse(formula.tree), mode="eval").body


def is_constant(node: ast.expr) -> bool:
    """Tell whether *node* is a number or a truth."""
    return isinstance(node, ast.Constant)


def value_of(node: ast.expr) -> Any:
    """Return the value of a constant, None for any other node."""
    return node.value if isinstance(node, ast.Constant) else None


def same(a: ast.expr, b: ast.expr) -> bool:
    """Tell whether two nodes are one expression."""
    return ast.dump(a) == ast.dump(b)


def count(node: ast.AST, wanted: str) -> int:
    """Return how often *node* reads the name *wanted*."""
    return sum(isinstance(n, ast.Name) and n.id == wanted for n in ast.walk(node))


def filled(
    node: ast.expr,
    names: Nodes,
    functions: Mapping[str, ast.expr] | None = None,
    steps: frozenset[str] = _STEPS,
) -> Any:
    """Return *node* with what stands for *names* in their places, simplified.

    *functions* are the formula parameters, each an expression in t that replaces its calls;
    *steps* are names of numbers that are never below 0.
    """
    return _Simplifier(names, functions or {}, steps).visit(node)


class _Simplifier(ast.NodeTransformer):
    """Rebuilds an expression from its leaves, each node as simple as it can be."""

    def __init__(
        self, names: Nodes, functions: Mapping[str, ast.expr], steps: frozenset[str]
    ) -> None:
        self.names = names
        self.functions = functions
        self.steps = steps

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called == "product" and len(node.args) > 1:  # it is handed the function itself
            return ast.Call(node.func, [node.args[0], self.visit(node.args[1])], [])
        arguments = [self.visit(argument) for argument in node.args]
        if called in self.functions:
            return filled(self.functions[called], {STEP: arguments[0]})  # type: ignore[no-any-return]
        return _call(called, arguments)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        if is_constant(test):
            return self.visit(node.body if value_of(test) else node.orelse)  # type: ignore[no-any-return]
        body, orelse = self.visit(node.body), self.visit(node.orelse)
        return body if same(body, orelse) else ast.IfExp(test, body, orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        stops = isinstance(node.op, ast.Or)  # the truth that decides the whole
        kept: list[ast.expr] = []
        for found in map(self.visit, node.values):
            if not is_constant(found):
                kept.append(found)
            elif bool(value_of(found)) == stops:
                return ast.Constant(stops)
        if not kept:
            return ast.Constant(not stops)
        return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return ast.Constant(not operand.value) if is_constant(operand) else _not(operand)
        if isinstance(node.op, ast.UAdd):
            return operand  # type: ignore[no-any-return]
        return _opposite(operand) if is_constant(operand) else ast.UnaryOp(node.op, operand)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.comparators[0])
        if is_constant(left) and is_constant(right):
            return ast.Constant(_COMPARISONS[type(node.ops[0])](left.value, right.value))
        if is_step(left, self.steps) and is_constant(right):
            if isinstance(node.ops[0], ast.Lt) and right.value <= 0:
                return ast.Constant(False)  # noqa: FBT003 - the truth itself
            if isinstance(node.ops[0], ast.GtE) and right.value <= 0:
                return ast.Constant(True)  # noqa: FBT003
        return ast.Compare(left, node.ops, [right])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if is_constant(left) and is_constant(right):
            found = _OPERATORS[type(node.op)](left.value, right.value)
            if math.isfinite(found):
                return _number(found, ast.BinOp(left, node.op, right))
        return _neutral(left, node.op, right) or _signed(left, node.op, right)


def shown(node: ast.Constant) -> ast.expr | None:
    """Return how a number came to be, where that reads better than its digits."""
    return getattr(node, "shown", None)


def _number(value: float, operation: ast.BinOp) -> ast.Constant:
    """Return the number *value*, shown as its *operation* where it has many digits."""
    node = ast.Constant(value)
    if len(repr(value)) > _DIGITS:
        node.shown = operation  # type: ignore[attr-defined]
    return node


def _opposite(node: ast.Constant) -> ast.Constant:
    assert isinstance(node.value, (int, float))  # noqa: S101 - a number
    found, operation = ast.Constant(-node.value), shown(node)
    if isinstance(operation, ast.BinOp) and isinstance(operation.op, ast.Sub):
        found.shown = ast.BinOp(operation.right, ast.Sub(), operation.left)  # type: ignore[attr-defined]
    return found


def _not(operand: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), operand)


def is_step(node: ast.expr, steps: frozenset[str] = _STEPS) -> bool:
    """Tell whether *node* is never below 0: a step, or the smaller of it and a number."""
    match node:
        case ast.Name(id=found):
            return found in steps
        case ast.Call(ast.Name(id="min"), [first, limit]):
            return is_step(first, steps) and is_constant(limit) and value_of(limit) >= 0
    return False


def _call(called: str, arguments: list[ast.expr]) -> ast.expr:
    match called, arguments:
        case "restart_index", [t, first, ast.Constant(value=1)]:
            return ast.BinOp(t, ast.FloorDiv(), first)
        case "restart_start", [index, first, ast.Constant(value=1)]:
            return filled(ast.BinOp(first, ast.Mult(), index), {})  # type: ignore[no-any-return]
        case "restart_length", [_, first, ast.Constant(value=1)]:
            return first
        case "min" | "max", [first, second] if same(first, second):
            return first
    found = ast.Call(name(called), arguments, [])
    if called in SCALAR and all(map(is_constant, arguments)) and not called.startswith("restart"):
        result = SCALAR[called](*map(value_of, arguments))
        return ast.Constant(result) if math.isfinite(result) else found
    return found


def _neutral(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr | None:
    """Return what is left where one side changes nothing, None where both do."""
    a, b = value_of(left), value_of(right)
    match op:
        case ast.Add() if a == 0:
            return right
        case ast.Add() | ast.Sub() if b == 0:
            return left
        case ast.Mult() if a == 1:
            return right
        case ast.Mult() | ast.Div() | ast.Pow() if b == 1:
            return left
        case ast.Mult() if a == 0 or b == 0:
            return ast.Constant(0.0)
        case ast.Div() if a == 0:
            return ast.Constant(0.0)
        case ast.Pow() if a == 1:
            return ast.Constant(1.0)
        case ast.Sub():
            return _rest(left, right)
    return None


def _rest(left: ast.expr, right: ast.expr) -> ast.expr | None:
    """Return t % n for t - n * (t // n), None for anything else."""
    match right:
        case ast.BinOp(size, ast.Mult(), ast.BinOp(t, ast.FloorDiv(), by)):
            if same(left, t) and same(size, by):
                return ast.BinOp(t, ast.Mod(), size)
    return None


def _signed(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """Return the operation, a sum with what begins with a minus being written as a difference."""
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
