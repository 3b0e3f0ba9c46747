"""The formula language: Python's expression syntax, reduced to an allow list.

A formula is text from a JSON file, so it is never trusted: it is parsed with `ast`, rebuilt node by
node from the allow list, and only what was rebuilt is ever compiled. There are numbers, names,
arithmetic, comparisons, `a if c else b`, and calls of `FUNCTIONS`; there are no attributes,
subscripts, strings, keywords, lambdas or comprehensions. A schedule's own formulas may also call
its formula parameters, `factor(t)`.
"""

from __future__ import annotations

import ast
import copy
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lrspec.errors import BadInput
from lrspec.spec.formula.folding import operate
from lrspec.spec.formula.functions import CONSTANTS, FUNCTIONS
from lrspec.spec.formula.nodes import number
from lrspec.spec.formula.operators import COMPARISONS, OPERATORS

_MAX_CHARACTERS = 2000
_MAX_NODES = 400
_MAX_DEPTH = 40
_MAX_INTEGER = 2**53

#: Rebuilds one part of a formula.
Reduce = Callable[[ast.expr], ast.expr]


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
            parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput("$", text, "a formula in Python's expression syntax") from error
    reducer = _Reducer(names, functions, parameters)
    tree = reducer.reduce(parsed, 0, condition)
    _constant_value(tree)
    return Formula(text, tree, frozenset(reducer.read))


def with_values(formula: Formula, values: Mapping[str, float]) -> Formula:
    """Return *formula* with the names in *values* replaced by their numbers."""

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return number(values[node.id]) if node.id in values else node

    return parse(ast.unparse(Replace().visit(copy.deepcopy(formula.tree))))


class _Reducer:
    """Rebuilds a parsed expression from the allow list."""

    def __init__(
        self, names: frozenset[str] | None, functions: frozenset[str], parameters: frozenset[str]
    ) -> None:
        self.allowed = names
        self.functions = functions
        self.parameters = parameters
        self.read: set[str] = set()
        self.count = 0

    def reduce(self, node: ast.expr, depth: int, condition: bool) -> ast.expr:  # noqa: FBT001
        self.count += 1
        if depth > _MAX_DEPTH or self.count > _MAX_NODES:
            limits = f"at most {_MAX_DEPTH} levels and {_MAX_NODES} parts"
            raise BadInput("$", "a larger formula", f"a formula of {limits}")

        def number(child: ast.expr) -> ast.expr:
            return self.reduce(child, depth + 1, condition=False)

        def truth(child: ast.expr) -> ast.expr:
            return self.reduce(child, depth + 1, condition=True)

        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._number(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.Call(ast.Name(id=name), arguments, []):
                return self._call(node, name, arguments, number)
            case ast.IfExp(test, body, orelse):
                return ast.IfExp(truth(test), number(body), number(orelse))
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                return ast.BinOp(number(left), op, number(right))
            case ast.UnaryOp(ast.USub() | ast.UAdd() as op, operand):
                return ast.UnaryOp(op, number(operand))
        return _condition(node, number, truth, condition=condition)

    def _call(
        self,
        node: ast.expr,
        name: str,
        arguments: list[ast.expr],
        number: Reduce,
    ) -> ast.expr:
        function: ast.expr = ast.Name(name, ast.Load())
        match name, arguments:
            case "product", [ast.Name(id=factor), end]:
                self._check_call(node, name, 2)
                return ast.Call(function, [self._parameter(node, factor), number(end)], [])
            case _, [argument] if name in self.parameters:
                return ast.Call(self._parameter(node, name), [number(argument)], [])
        self._check_call(node, name, len(arguments))
        return ast.Call(function, [number(argument) for argument in arguments], [])

    def _number(self, node: ast.expr, value: float) -> ast.expr:
        large = value > _MAX_INTEGER if isinstance(value, int) else not math.isfinite(value)
        if large:
            raise _refused(node, f"the number {value!r:.24}", "a finite number below 2**53")
        return ast.Constant(value)

    def _name(self, node: ast.expr, name: str) -> ast.expr:
        if name not in CONSTANTS:
            if name in FUNCTIONS or name in self.parameters:
                raise _refused(node, f"the function {name} without its arguments")
            if name.startswith("_") or (self.allowed is not None and name not in self.allowed):
                known = ", ".join(sorted(self.allowed or ())) or "numbers"
                raise _refused(node, f"the name {name!r}", f"one of {known} or a number")
            self.read.add(name)
        return ast.Name(name, ast.Load())

    def _parameter(self, node: ast.expr, name: str) -> ast.expr:
        if name not in self.parameters:
            known = ", ".join(sorted(self.parameters)) or "none"
            raise _refused(node, f"the name {name!r}", f"a formula parameter: {known}")
        self.read.add(name)
        return ast.Name(name, ast.Load())

    def _check_call(self, node: ast.expr, name: str, count: int) -> None:
        if name not in self.functions:
            called = ", ".join(sorted(self.functions))
            raise _refused(node, f"a call of {name}", f"a call of one of {called}")
        arity = FUNCTIONS[name].arguments
        if count != arity and not (arity is None and count > 1):
            expected = "two or more" if arity is None else str(arity)
            raise _refused(node, f"{name} with {count} arguments", expected)


def _condition(
    node: ast.expr,
    number: Reduce,
    truth: Reduce,
    *,
    condition: bool,
) -> ast.expr:
    match node:
        case ast.UnaryOp(ast.Not() as op, operand):
            reduced: ast.expr = ast.UnaryOp(op, truth(operand))
        case ast.BoolOp(op, values):
            reduced = ast.BoolOp(op, [truth(value) for value in values])
        case ast.Compare(left, [op], [right]) if type(op) in COMPARISONS:
            reduced = ast.Compare(number(left), [op], [number(right)])
        case _:
            raise _refused(node, _what(node))
    if not condition:
        raise _refused(node, "a condition", "a number: `1 if condition else 0`")
    return reduced


def _refused(node: ast.expr, found: str, expected: str = "") -> BadInput:
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
    """Return the value of a tree of numbers alone, None for any other tree.

    Raises `BadInput` for a constant part whose value is not finite.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    parts = [_constant_value(child) for child in children]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and parts[0] is not None:
        return -parts[0]
    if not isinstance(node, ast.BinOp) or parts[0] is None or parts[1] is None:
        return None
    value = operate(node.op, parts[0], parts[1])
    if value is None:
        raise BadInput("$", ast.unparse(node), "a part with a finite value")
    return value
