"""The formula language: Python's expression syntax, reduced to a white list.

A formula is text from a JSON file, so it is never trusted: it is parsed with `ast`, rebuilt node
by node from the white list below, and only what was rebuilt is ever compiled. There are numbers,
names, arithmetic, comparisons, `a if c else b`, and calls of the functions in `FUNCTIONS`; there
is no attribute, subscript, string, keyword, lambda or comprehension. A schedule's own formulas may
also call its formula parameters, `factor(t)`.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from lrspec.errors import BadInput

#: Every function a formula may call, with the number of its arguments (None: two or more).
FUNCTIONS: dict[str, int | None] = {
    "abs": 1,
    "ceil": 1,
    "cos": 1,
    "every": 3,
    "exp": 1,
    "floor": 1,
    "increasing": 1,
    "length": 1,
    "log": 1,
    "max": None,
    "min": None,
    "passed": 2,
    "pick": 2,
    "product": 2,
    "restart_index": 3,
    "restart_length": 3,
    "restart_start": 3,
    "restarts": 3,
    "sin": 1,
    "sqrt": 1,
}
#: The functions that a recipe's own formula may call: from numbers to a number, and always quick.
PLAIN = frozenset({"abs", "ceil", "cos", "exp", "floor", "log", "max", "min", "sin", "sqrt"})
CONSTANTS = {"pi": math.pi}

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_LONGEST = 2000
_MOST_NODES = 400
_DEEPEST = 40
_LARGEST_INTEGER = 2**53


@dataclass(frozen=True)
class Formula:
    """A formula that passed the white list: its text, its tree, the names it reads."""

    text: str
    tree: ast.expr
    names: frozenset[str]

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and other.text == self.text


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
    *parameters* those formula parameters that it may call with one number, or hand to `product`.
    With *condition* the whole may be one; below, a condition stands only where its truth alone
    counts.
    Raises `BadInput`, with the column in its place, for anything outside the white list, for an
    unknown name, and for a constant part that has no finite value (`9**9**9`).
    """
    if not isinstance(text, str):
        raise BadInput("$", text, "a formula in a string")
    if len(text) > _LONGEST:
        raise BadInput("$", f"{len(text)} characters", f"a formula of at most {_LONGEST}")
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


class _Reducer:
    """Rebuilds a parsed expression from the white list."""

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
        if depth > _DEEPEST or self.count > _MOST_NODES:
            limits = f"at most {_DEEPEST} levels and {_MOST_NODES} parts"
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
            case ast.BinOp(left, op, right) if isinstance(op, _OPERATORS):
                return ast.BinOp(number(left), op, number(right))
            case ast.UnaryOp(ast.USub() | ast.UAdd() as op, operand):
                return ast.UnaryOp(op, number(operand))
        return _condition(node, number, truth, condition=condition)

    def _call(
        self,
        node: ast.expr,
        name: str,
        arguments: list[ast.expr],
        number: Callable[[ast.expr], ast.expr],
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
        large = value > _LARGEST_INTEGER if isinstance(value, int) else not math.isfinite(value)
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
        wanted = FUNCTIONS[name]
        if count != wanted and not (wanted is None and count > 1):
            arity = "two or more" if wanted is None else wanted
            raise _refused(node, f"{name} of {count} arguments", f"{arity}")


def _condition(
    node: ast.expr,
    number: Callable[[ast.expr], ast.expr],
    truth: Callable[[ast.expr], ast.expr],
    *,
    condition: bool,
) -> ast.expr:
    match node:
        case ast.UnaryOp(ast.Not() as op, operand):
            reduced: ast.expr = ast.UnaryOp(op, truth(operand))
        case ast.BoolOp(op, values):
            reduced = ast.BoolOp(op, [truth(value) for value in values])
        case ast.Compare(left, [op], [right]) if isinstance(op, _COMPARISONS):
            reduced = ast.Compare(number(left), [op], [number(right)])
        case _:
            raise _refused(node, _what(node))
    if not condition:
        raise _refused(node, "a condition for a number", "conditions in `a if c else b` alone")
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
    """Return the value of a tree of numbers alone, None for any other; refuse one not finite."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    parts = [_constant_value(child) for child in children]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and parts[0] is not None:
        return -parts[0]
    if not isinstance(node, ast.BinOp) or parts[0] is None or parts[1] is None:
        return None
    try:
        value = _operate(node.op, parts[0], parts[1])
    except (OverflowError, ZeroDivisionError, ValueError):
        value = math.nan
    if not isinstance(value, float) or not math.isfinite(value):
        raise BadInput("$", ast.unparse(node), "a part with a finite value")
    return value


def _operate(op: ast.operator, a: float, b: float) -> float:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
        case ast.FloorDiv():
            return a // b
        case ast.Mod():
            return a % b
    power: float = a**b
    return power
