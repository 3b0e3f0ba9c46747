"""Recover a number from the value of a formula in which it occurs once."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.formula.nodes import count, name, same

_MOST_DIGITS = 17
#: For `x op k = r` and `k op x = r`: what x is.
_INVERSES: Mapping[type[ast.operator], tuple[Formula, Formula]] = {
    ast.Add: (parse("r - k"), parse("r - k")),
    ast.Sub: (parse("r + k"), parse("k - r")),
    ast.Mult: (parse("r / k"), parse("r / k")),
    ast.Div: (parse("r * k"), parse("k / r")),
}


def check_solvable(formula: Formula, unknown: str) -> None:
    """Raise `BadInput` where *formula* cannot be solved for *unknown*.

    It can if *unknown* occurs once, inside sums, differences, products and quotients alone.
    """
    node = formula.tree
    while isinstance(node, ast.BinOp) and type(node.op) in _INVERSES:
        node = node.left if count(node.left, unknown) else node.right
    if count(formula.tree, unknown) != 1 or not same(node, name(unknown)):
        expected = f"a formula with {unknown} once, under +, -, * and / alone"
        raise BadInput("$", formula.text, expected)


def solve(formula: Formula, unknown: str, result: float, known: Mapping[str, Any]) -> float:
    """Return the shortest decimal for *unknown* that gives *formula* the value *result*.

    Where no decimal gives it exactly, return the solution in floating-point arithmetic, NaN or
    infinite where there is none.
    """
    node, solution = formula.tree, result
    while isinstance(node, ast.BinOp):
        on_left = bool(count(node.left, unknown))
        inner, other = (node.left, node.right) if on_left else (node.right, node.left)
        inverse = _INVERSES[type(node.op)][0 if on_left else 1]
        operand = value(parse(ast.unparse(other)), known)
        node, solution = inner, value(inverse, {"r": solution, "k": operand})
    if not math.isfinite(solution):
        return solution
    for digits in range(1, _MOST_DIGITS + 1):
        decimal = float(f"{solution:.{digits}g}")
        if value(formula, {**known, unknown: decimal}) == result:
            return decimal
    return solution
