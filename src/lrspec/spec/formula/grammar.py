"""The formula language: Python's expression syntax, reduced to an allow list.

A formula is text from a JSON file, so it is never trusted: it is parsed with `ast`, and compiled
only if every node is on the allow list. There are numbers, names, arithmetic, comparisons,
`a if c else b`, and calls of `FUNCTIONS`; there are no attributes, subscripts, strings, keywords,
lambdas or comprehensions. A schedule's own formulas may also call its formula parameters,
`factor(t)`.
"""

from __future__ import annotations

import ast
import copy
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lrspec.errors import BadInput
from lrspec.spec.formula.folding import operate
from lrspec.spec.formula.functions import CONSTANTS, ELEMENTARY, FUNCTIONS
from lrspec.spec.formula.nodes import called, number
from lrspec.spec.formula.operators import COMPARISONS, OPERATORS

_MAX_CHARACTERS = 2000
_MAX_NODES = 400
_MAX_DEPTH = 40
MAX_INTEGER = 2**53

#: A part of a formula, and whether it may be a condition, since only its truth matters.
Part = tuple[ast.expr, bool]


@dataclass(frozen=True)
class Formula:
    """A formula that passed the allow list: its text, its tree, the names it reads."""

    text: str
    tree: ast.expr
    names: frozenset[str]


@lru_cache(maxsize=4096)
def parse(
    text: str,
    names: frozenset[str] | None = None,
    functions: frozenset[str] = frozenset(FUNCTIONS),
    *,
    parameters: frozenset[str] = frozenset(),
    condition: bool = True,
) -> Formula:
    """Return *text* as a formula.

    *names* are the names that it may read (`None`: any), *functions* those it may call, and
    *parameters* the formula parameters that it may call with one number, or pass to `product`.
    With *condition* the whole formula may be a condition; elsewhere one is allowed only where just
    its truth matters.
    Raises `BadInput`, with the column in its place, for anything outside the allow list, for an
    unknown name, and for a constant part whose value is not finite (`9**9**9`).
    """
    if not isinstance(text, str):
        raise BadInput("$", text, "a formula in a string")
    if len(text) > _MAX_CHARACTERS:
        raise BadInput("$", f"{len(text)} characters", f"a formula of at most {_MAX_CHARACTERS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput("$", text, "a formula in Python's expression syntax") from error
    allowed = _AllowList(names, functions, parameters)
    allowed.check(tree, condition=condition)
    _constant_value(tree)
    return Formula(text, tree, frozenset(allowed.read))


def with_values(formula: Formula, values: Mapping[str, float]) -> Formula:
    """Return *formula* with the names in *values* replaced by their numbers."""

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return number(values[node.id]) if node.id in values else node

    return parse(ast.unparse(Replace().visit(copy.deepcopy(formula.tree))))


class _AllowList:
    """The allow list for one formula; `read` are the names that it was found to read."""

    def __init__(
        self, names: frozenset[str] | None, functions: frozenset[str], parameters: frozenset[str]
    ) -> None:
        self.names = names
        self.functions = functions
        self.parameters = parameters
        self.read: set[str] = set()

    def check(self, tree: ast.expr, *, condition: bool) -> None:
        """Raise `BadInput` for the first node of *tree* that is not on the list."""
        pending = [(tree, condition, 0)]
        count = 0
        while pending:
            node, truth, depth = pending.pop()
            count += 1
            if depth > _MAX_DEPTH or count > _MAX_NODES:
                limits = f"at most {_MAX_DEPTH} levels and {_MAX_NODES} parts"
                raise BadInput("$", "a larger formula", f"a formula of {limits}")
            parts = self._parts(node)
            if _is_condition(node) and not truth:
                raise _rejected(node, "a condition", "a number: `1 if condition else 0`")
            pending += [(part, of_part, depth + 1) for part, of_part in reversed(parts)]

    def _parts(self, node: ast.expr) -> list[Part]:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                _check_number(node, value)
                return []
            case ast.Name(id=name):
                self._check_name(node, name)
                return []
            case ast.Call(ast.Name(id=name), arguments, []):
                return [(argument, False) for argument in self._numbers(node, name, arguments)]
            case ast.IfExp(test, body, orelse):
                return [(test, True), (body, False), (orelse, False)]
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                return [(left, False), (right, False)]
            case ast.Compare(left, [op], [right]) if type(op) in COMPARISONS:
                return [(left, False), (right, False)]
            case ast.UnaryOp(ast.USub() | ast.UAdd() | ast.Not() as op, operand):
                return [(operand, isinstance(op, ast.Not))]
            case ast.BoolOp(_, values):
                return [(value, True) for value in values]
        raise _rejected(node, _what(node))

    def _numbers(self, node: ast.expr, name: str, arguments: list[ast.expr]) -> list[ast.expr]:
        """Return those *arguments* of a call that are numbers: of a product, all but its factor."""
        match name, arguments:
            case "product", [ast.Name(id=factor), end]:
                self._check_call(node, name, 2)
                self._check_parameter(node, factor)
                return [end]
            case _, [_] if name in self.parameters:
                self._check_parameter(node, name)
            case _:
                self._check_call(node, name, len(arguments))
        return arguments

    def _check_name(self, node: ast.expr, name: str) -> None:
        if name in CONSTANTS:
            return
        if name in FUNCTIONS or name in self.parameters:
            raise _rejected(node, f"the function {name} without its arguments")
        if name.startswith("_") or (self.names is not None and name not in self.names):
            known = ", ".join(sorted(self.names or ())) or "numbers"
            raise _rejected(node, f"the name {name!r}", f"one of {known} or a number")
        self.read.add(name)

    def _check_parameter(self, node: ast.expr, name: str) -> None:
        if name not in self.parameters:
            known = ", ".join(sorted(self.parameters)) or "none"
            raise _rejected(node, f"the name {name!r}", f"a formula parameter: {known}")
        self.read.add(name)

    def _check_call(self, node: ast.expr, name: str, count: int) -> None:
        if name not in self.functions:
            called = ", ".join(sorted(self.functions))
            raise _rejected(node, f"a call of {name}", f"a call of one of {called}")
        arity = FUNCTIONS[name].arguments
        if count < 2 if arity is None else count != arity:
            expected = "two or more" if arity is None else str(arity)
            raise _rejected(node, f"{name} with {count} arguments", expected)


def _check_number(node: ast.expr, value: float) -> None:
    if value > MAX_INTEGER if isinstance(value, int) else not math.isfinite(value):
        raise _rejected(node, f"the number {value!r:.24}", "a finite number below 2**53")


def _is_condition(node: ast.expr) -> bool:
    is_negation = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_negation or isinstance(node, (ast.BoolOp, ast.Compare))


def _rejected(node: ast.expr, found: str, expected: str = "") -> BadInput:
    allowed = expected or (
        "numbers, names, arithmetic, one comparison at a time, `a if c else b`, or a call"
    )
    return BadInput(f"$, column {node.col_offset + 1}", found, allowed)


def _what(node: ast.expr) -> str:
    match node:
        case ast.Call(ast.Name(id=name)):
            return f"a call of {name}"
        case ast.Attribute(attr=name):
            return f"the attribute .{name}"
        case ast.Constant(value=value):
            return f"the constant {value!r}"
    return f"a Python {type(node).__name__}"


def _constant_value(node: ast.expr) -> float | None:
    """Return the value of a tree without names, None for any other tree.

    Raises `BadInput` for such a part whose value is not finite, or an integer that no float has.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name):
        return CONSTANTS.get(node.id)
    inner = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    parts = [_constant_value(part) for part in inner if isinstance(part, ast.expr)]
    if isinstance(node, ast.IfExp) and parts[0] is not None:  # the other branch is never used
        return parts[1] if parts[0] else parts[2]
    values = [part for part in parts if part is not None]
    if len(values) < len(parts) or (isinstance(node, ast.Call) and called(node) not in ELEMENTARY):
        return None
    result = _computed(node, values)
    if result is None or not math.isfinite(result) or _is_beyond(result):
        raise BadInput("$", ast.unparse(node), "a part with a finite value")
    return result


def _is_beyond(value: float) -> bool:
    return isinstance(value, int) and abs(value) > MAX_INTEGER


def _computed(node: ast.expr, values: list[float]) -> float | None:
    """Return the value of *node* for the *values* of its parts, None where it is not finite."""
    match node:
        case ast.UnaryOp(op):
            (value,) = values
            return {ast.USub: -value, ast.UAdd: value, ast.Not: not value}[type(op)]
        case ast.BinOp(_, op, _):
            return operate(op, *values)
        case ast.Compare(_, [op], _):
            return COMPARISONS[type(op)].exact(*values)
        case ast.BoolOp(op):
            return any(values) if isinstance(op, ast.Or) else all(values)
        case ast.IfExp():
            test, body, orelse = values
            return body if test else orelse
        case ast.Call(ast.Name(id=name)):
            return float(FUNCTIONS[name].scalar(*values))
    return None
