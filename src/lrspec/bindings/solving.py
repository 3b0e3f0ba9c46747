"""Recover a number from the value of a formula in which it occurs once."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, parse

_MOST_DIGITS = 17


def check_solvable(formula: Formula, unknown: str) -> None:
    """Raise `BadInput` where *formula* cannot be solved for *unknown*.

    That takes sums, differences, products and quotients around its one occurrence.
    """
    occurrences = [n for n in ast.walk(formula.tree) if _is_name(n, unknown)]
    node = formula.tree
    while len(occurrences) == 1 and isinstance(node, ast.BinOp) and type(node.op) in _INVERSES:
        node = node.left if _reads(node.left, unknown) else node.right
    if len(occurrences) != 1 or not _is_name(node, unknown):
        expected = f"a formula with {unknown} once, under +, -, * and / alone"
        raise BadInput("$", formula.text, expected)


def solve(formula: Formula, unknown: str, result: float, known: Mapping[str, Any]) -> float:
    """Return the shortest decimal for *unknown* that gives *formula* the value *result*.

    Where no decimal gives it exactly, return the solution in floating-point arithmetic, NaN or
    infinite where there is none.
    """
    solution = _isolated(formula.tree, unknown, result, known)
    if not math.isfinite(solution):
        return solution
    for digits in range(1, _MOST_DIGITS + 1):
        decimal = float(f"{solution:.{digits}g}")
        if value(formula, {**known, unknown: decimal}) == result:
            return decimal
    return solution


def _isolated(node: ast.expr, unknown: str, result: float, known: Mapping[str, Any]) -> float:
    if not isinstance(node, ast.BinOp):
        return result
    on_left = _reads(node.left, unknown)
    inner, other = (node.left, node.right) if on_left else (node.right, node.left)
    inverse = _INVERSES[type(node.op)][0 if on_left else 1]
    operand = value(parse(ast.unparse(other)), known)
    return _isolated(inner, unknown, value(inverse, {"r": result, "k": operand}), known)


#: For `x op k = r` and `k op x = r`: what x is.
_INVERSES: Mapping[type[ast.operator], tuple[Formula, Formula]] = {
    ast.Add: (parse("r - k"), parse("r - k")),
    ast.Sub: (parse("r + k"), parse("k - r")),
    ast.Mult: (parse("r / k"), parse("r / k")),
    ast.Div: (parse("r * k"), parse("k / r")),
}


def _reads(node: ast.expr, name: str) -> bool:
    return any(_is_name(inner, name) for inner in ast.walk(node))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
