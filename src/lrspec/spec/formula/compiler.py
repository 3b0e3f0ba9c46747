"""Formulas, compiled once to Python functions over a table of arithmetic.

The code is generated from the reduced tree of a formula, never from its text, and runs without
builtins: it can reach its arguments and the table, and nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lrspec.spec.formula.functions import ARRAY, ELEMENTWISE, IN_PLACE, SCALAR, Table
from lrspec.spec.formula.grammar import Formula

Function = Callable[..., Any]


class _Rewrite(ast.NodeTransformer):
    """Turns the operators that differ between arithmetics into calls of the table."""

    def __init__(self, operators: Mapping[type[ast.operator], str]) -> None:
        self.operators = operators

    def of(self, formula: Formula) -> ast.expr:
        """Return the tree of *formula*, rewritten."""
        copy = ast.parse(ast.unparse(formula.tree), mode="eval").body
        return self.visit(copy)  # type: ignore[no-any-return]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = self.operators.get(type(node.op))
        return _call(name, node.left, node.right) if name else node


class _Vectorise(_Rewrite):
    """Rewrites for arrays: conditions select, and a temporary array is written over, not copied."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = _is_temporary(node.left), _is_temporary(node.right)
        result = super().visit_BinOp(node)
        name = type(node.op).__name__
        if name not in IN_PLACE or not (left or right):
            return result
        return _call(f"__{name}_{'left' if left else 'right'}", node.left, node.right)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        temporary = name in ELEMENTWISE and _is_temporary(node.args[0])
        self.generic_visit(node)
        return _call(f"__over_{name}", *node.args) if temporary else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return _call("__where", node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        name = "__and" if isinstance(node.op, ast.And) else "__or"
        result = node.values[0]
        for value in node.values[1:]:
            result = _call(name, result, value)
        return result

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return _call("__not", node.operand) if isinstance(node.op, ast.Not) else node


def _is_temporary(node: ast.expr) -> bool:
    """Tell whether an array that *node* makes is new and read nowhere else."""
    if isinstance(node, ast.BinOp):
        return type(node.op).__name__ in IN_PLACE
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ELEMENTWISE


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def compile_formulas(
    arguments: Sequence[str],
    lets: Mapping[str, Formula],
    result: Formula,
    table: Table,
    operators: Mapping[type[ast.operator], str],
    *,
    vector: bool = False,
) -> Function:
    """Return a function of *arguments* that computes *lets* in order, then *result*.

    *table* gives the names their meaning; *operators* names the functions in it that stand for
    operators; with *vector*, conditions select element by element.
    """
    rewrite = _Vectorise(operators) if vector else _Rewrite(operators)
    needed = _needed(lets, result)
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], rewrite.of(formula))
        for name, formula in lets.items()
        if name in needed
    ]
    return _function(arguments, [*body, ast.Return(rewrite.of(result))], table)


def compile_assignments(
    arguments: Sequence[str],
    assignments: Sequence[tuple[str, Formula]],
    results: Sequence[str],
    table: Table,
    operators: Mapping[type[ast.operator], str],
) -> Function:
    """Return a function of *arguments* that assigns in order, then returns the names *results*."""
    rewrite = _Rewrite(operators)
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], rewrite.of(formula))
        for name, formula in assignments
    ]
    names: list[ast.expr] = [ast.Name(name, ast.Load()) for name in results]
    return _function(arguments, [*body, ast.Return(ast.Tuple(names, ast.Load()))], table)


def _function(arguments: Sequence[str], body: list[ast.stmt], table: Table) -> Function:
    function = ast.FunctionDef(
        name="compiled",
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(name) for name in arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=body,
        decorator_list=[],
    )
    if "type_params" in ast.FunctionDef._fields:  # Python 3.12 and later
        vars(function)["type_params"] = []
    module = ast.fix_missing_locations(ast.Module([function], []))
    namespace: dict[str, Any] = {**table, "__builtins__": {}}
    exec(compile(module, "<formula>", "exec"), namespace)  # noqa: S102 - the tree is white-listed
    return namespace["compiled"]  # type: ignore[no-any-return]


def _needed(lets: Mapping[str, Formula], result: Formula) -> set[str]:
    needed = set(result.names)
    for name, formula in reversed(list(lets.items())):
        if name in needed:
            needed |= formula.names
    return needed


_ARRAY_OPERATORS: dict[type[ast.operator], str] = {
    ast.FloorDiv: "__floor_divide",
    ast.Mod: "__modulo",
    ast.Pow: "__power",
}
SCALAR_OPERATORS = {**_ARRAY_OPERATORS, ast.Div: "__divide"}


def scalar(arguments: Sequence[str], lets: Mapping[str, Formula], result: Formula) -> Function:
    """Return the formulas as a function of single Python numbers."""
    return compile_formulas(arguments, lets, result, SCALAR, SCALAR_OPERATORS)


def array(arguments: Sequence[str], lets: Mapping[str, Formula], result: Formula) -> Function:
    """Return the formulas as a function of NumPy arrays, element by element."""
    return compile_formulas(arguments, lets, result, ARRAY, _ARRAY_OPERATORS, vector=True)


@lru_cache(maxsize=4096)
def array_of_t(formula: Formula) -> Function:
    """Return a formula in t alone as a function of an array of steps."""
    return array(("t",), {}, formula)


@lru_cache(maxsize=4096)
def scalar_of_t(formula: Formula) -> Function:
    """Return a formula in t alone as a function of a single Python number."""
    return scalar(("t",), {}, formula)


@lru_cache(maxsize=4096)
def _condition(formula: Formula, arguments: tuple[str, ...]) -> Function:
    return scalar(arguments, {}, formula)


def value(formula: Formula, environment: Mapping[str, Any]) -> Any:
    """Return the value of *formula* where each name has its value in *environment*."""
    names = tuple(sorted(formula.names))
    return _condition(formula, names)(*(environment[name] for name in names))
