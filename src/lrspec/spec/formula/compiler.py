"""Formulas, compiled once to Python functions over a table of meanings.

The code is generated from the reduced tree of a formula, never from its text, and runs without
builtins: it can reach its arguments and the table, and nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lrspec.spec.formula.functions import ARRAY, SCALAR, Table
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import call, name
from lrspec.spec.formula.operators import OPERATORS

Function = Callable[..., Any]


class _Rewrite(ast.NodeTransformer):
    """Turns each operator and condition for which the table has a function into a call of it."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def of(self, formula: Formula) -> ast.expr:
        """Return the tree of *formula*, rewritten."""
        return self.visit(formula.copy_tree())  # type: ignore[no-any-return]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        function = OPERATORS[type(node.op)].call
        return call(function, node.left, node.right) if function in self.table else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        if "__where" not in self.table:
            return node
        return call("__where", node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        function = "__and" if isinstance(node.op, ast.And) else "__or"
        if function not in self.table:
            return node
        result = node.values[0]
        for value in node.values[1:]:
            result = call(function, result, value)
        return result

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        negation = isinstance(node.op, ast.Not) and "__not" in self.table
        return call("__not", node.operand) if negation else node


def compile_formulas(
    arguments: Sequence[str], lets: Mapping[str, Formula], result: Formula, table: Table
) -> Function:
    """Return a function of *arguments* that computes *lets* in order, then *result*.

    *table* gives the names their meaning, and the operators whose `call` it contains.
    """
    needed = _needed(lets, result)
    assignments = [(let, formula) for let, formula in lets.items() if let in needed]
    return _function(arguments, assignments, _Rewrite(table).of(result), table)


def compile_assignments(
    arguments: Sequence[str],
    assignments: Sequence[tuple[str, Formula]],
    results: Sequence[str],
    table: Table,
) -> Function:
    """Return a function of *arguments* that assigns in order, then returns the names *results*."""
    values: list[ast.expr] = [name(result) for result in results]
    return _function(arguments, assignments, ast.Tuple(values, ast.Load()), table)


def _function(
    arguments: Sequence[str],
    assignments: Sequence[tuple[str, Formula]],
    result: ast.expr,
    table: Table,
) -> Function:
    rewrite = _Rewrite(table)
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(target, ast.Store())], rewrite.of(formula))
        for target, formula in assignments
    ]
    function = ast.FunctionDef(
        name="compiled",
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(argument) for argument in arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=[*body, ast.Return(result)],
        decorator_list=[],
    )
    if "type_params" in ast.FunctionDef._fields:  # Python 3.12 and later
        vars(function)["type_params"] = []
    module = ast.fix_missing_locations(ast.Module([function], []))
    namespace: dict[str, Any] = {**table, "__builtins__": {}}
    exec(compile(module, "<formula>", "exec"), namespace)  # noqa: S102 - from the allow list alone
    return namespace["compiled"]  # type: ignore[no-any-return]


def _needed(lets: Mapping[str, Formula], result: Formula) -> set[str]:
    needed = set(result.names)
    for let, formula in reversed(list(lets.items())):
        if let in needed:
            needed |= formula.names
    return needed


def scalar(arguments: Sequence[str], lets: Mapping[str, Formula], result: Formula) -> Function:
    """Return the formulas as a function of single Python numbers."""
    return compile_formulas(arguments, lets, result, SCALAR)


def array(arguments: Sequence[str], lets: Mapping[str, Formula], result: Formula) -> Function:
    """Return the formulas as a function of NumPy arrays, element by element."""
    return compile_formulas(arguments, lets, result, ARRAY)


@lru_cache(maxsize=4096)
def array_of_t(formula: Formula) -> Function:
    """Return a formula in t alone as a function of an array of steps."""
    return array(("t",), {}, formula)


@lru_cache(maxsize=4096)
def scalar_of_t(formula: Formula) -> Function:
    """Return a formula in t alone as a function of a single Python number."""
    return scalar(("t",), {}, formula)


@lru_cache(maxsize=4096)
def _of_names(formula: Formula, names: tuple[str, ...]) -> Function:
    return scalar(names, {}, formula)


def value(formula: Formula, environment: Mapping[str, Any]) -> Any:
    """Return the value of *formula* where each name has its value in *environment*."""
    names = tuple(sorted(formula.names))
    return _of_names(formula, names)(*(environment[read] for read in names))
