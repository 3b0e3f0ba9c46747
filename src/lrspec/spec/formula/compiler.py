"""Formulas, compiled to Python functions over a table of meanings.

The code is generated from the reduced tree of a formula, never from its text, and runs without
builtins: it can reach its arguments and the table, and nothing else.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lrspec.spec.formula.functions import SCALAR, Table
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import call
from lrspec.spec.formula.operators import OPERATORS

Function = Callable[..., Any]
#: Names and their formulas, in the order in which they are computed.
Assignments = tuple[tuple[str, Formula], ...]


class _Rewrite(ast.NodeTransformer):
    """Replaces each operator and condition that the table defines by a call of its function."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def visit(self, node: ast.AST) -> Any:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left, op, right):
                function, arguments = OPERATORS[type(op)].call, [left, right]
            case ast.IfExp(test, body, orelse):
                function, arguments = "__where", [test, _delayed(body), _delayed(orelse)]
            case ast.BoolOp(op, values):
                function, arguments = "__and" if isinstance(op, ast.And) else "__or", values
            case ast.UnaryOp(ast.Not(), operand):
                function, arguments = "__not", [operand]
            case ast.Compare(left, _, [right]) if _ROUND in self.table.names:
                node.left, node.comparators = call(_ROUND, left), [call(_ROUND, right)]
                return node
            case _:
                return node
        return call(function, *arguments) if function in self.table.names else node


#: Where a table has it, the operands of comparisons are rounded by it.
_ROUND = "__round"
_NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])


def _delayed(node: ast.expr) -> ast.expr:
    return ast.Lambda(_NO_ARGUMENTS, node)


@lru_cache(maxsize=4096)
def compile_formulas(
    arguments: tuple[str, ...], assignments: Assignments, result: Formula, table: Table
) -> Function:
    """Return a function of *arguments* that computes *assignments* in order, then *result*.

    An assignment that nothing reads is left out. *table* defines names, and the operators whose
    `call` it contains.
    """
    rewrite = _Rewrite(table)
    needed = set(result.names)
    body: list[ast.stmt] = [ast.Return(rewrite.visit(copy.deepcopy(result.tree)))]
    for target, formula in reversed(assignments):
        if target in needed:
            needed |= formula.names
            computed = rewrite.visit(copy.deepcopy(formula.tree))
            body.insert(0, ast.Assign([ast.Name(target, ast.Store())], computed))
    module = ast.parse("def compiled(): pass")
    (function,) = module.body
    assert isinstance(function, ast.FunctionDef)  # noqa: S101
    function.args.args = [ast.arg(argument) for argument in arguments]
    function.body = body
    namespace: dict[str, Any] = {**table.names, "__builtins__": {}}
    code = compile(ast.fix_missing_locations(module), "<formula>", "exec")
    exec(code, namespace)  # noqa: S102 - from the allow list alone
    return namespace["compiled"]  # type: ignore[no-any-return]


def value(formula: Formula, environment: Mapping[str, Any]) -> Any:
    """Return the value of *formula* where each name has its value in *environment*."""
    names = tuple(sorted(formula.names))
    return compile_formulas(names, (), formula, SCALAR)(*(environment[name] for name in names))
