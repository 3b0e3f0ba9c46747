"""Numbers that record how they were computed: a model that is run on them yields its own formulas.

A `Traced` number has a value and the expression that gave it. Arithmetic on it gives traced
numbers; a comparison gives a `Condition`, which is recorded in the current path when it decides.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from lrspec.dialect.functions import FUNCTIONS
from lrspec.spec.formula.functions import CONSTANTS
from lrspec.spec.formula.nodes import call, constant, name

#: A condition that decided, and whether it held.
Decision = tuple[ast.expr, bool]
_PATH: ContextVar[list[Decision] | None] = ContextVar("path", default=None)


class Untraceable(Exception):
    """A model does what has no expression."""


def begin_path() -> list[Decision]:
    """Return a new path, into which conditions are recorded from now on."""
    path: list[Decision] = []
    _PATH.set(path)
    return path


class Condition:
    """A truth value and the expression that gave it."""

    __slots__ = ("tree", "value")

    def __init__(self, value: bool, tree: ast.expr) -> None:  # noqa: FBT001
        self.value, self.tree = value, tree

    def __bool__(self) -> bool:
        path = _PATH.get()
        if path is not None:
            path.append((self.tree, self.value))
        return self.value


class Traced:
    """A number and the expression that gave it."""

    __slots__ = ("tree", "value")

    def __init__(self, value: float, tree: ast.expr) -> None:
        self.value, self.tree = value, tree

    def __hash__(self) -> int:
        raise Untraceable("a table that is looked up by a traced number")

    def __floor__(self) -> Traced:
        return Traced(math.floor(self.value), call("floor", self.tree))

    def __neg__(self) -> Traced:
        return Traced(-self.value, ast.UnaryOp(ast.USub(), self.tree))


def value_of(number: Any) -> Any:
    """Return the value of a number, traced or not."""
    return number.value if isinstance(number, Traced) else number


def tree_of(number: Any) -> ast.expr:
    """Return the expression of a number, traced or not."""
    return number.tree if isinstance(number, Traced) else constant(number)


def _binary(compute: Callable[[Any, Any], Any], kind: type[ast.operator]) -> tuple[Any, Any]:
    """Return an operator's two methods: of a traced left, and of a traced right operand."""

    def result(left: Any, right: Any) -> Any:
        value = compute(value_of(left), value_of(right))
        same = _neutral(kind, left, right)
        if same is not None:
            return Traced(value, same.tree)
        if type(value) is int and kind in (ast.Add, ast.Sub) and type(right) is int:
            return Traced(value, shifted(left.tree, right if kind is ast.Add else -right))
        return Traced(value, ast.BinOp(tree_of(left), kind(), tree_of(right)))

    return result, lambda right, left: result(left, right)


def shifted(tree: ast.expr, by: int) -> ast.expr:
    """Return the whole number *tree* plus the whole number *by*, as one sum."""
    match tree:
        case ast.BinOp(inner, ast.Add(), ast.Constant(value=int(more))):
            return shifted(inner, by + more)
        case ast.BinOp(inner, ast.Sub(), ast.Constant(value=int(less))):
            return shifted(inner, by - less)
    if by == 0:
        return tree
    return ast.BinOp(tree, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def _neutral(kind: type[ast.operator], left: Any, right: Any) -> Traced | None:
    """Return the operand that the other one leaves as it is to the last bit, None if none."""
    zero = kind in (ast.Add, ast.Sub)
    if isinstance(left, Traced) and type(right) in (int, float):
        neutral = right == 0 if zero else right == 1 and kind in (ast.Mult, ast.Div, ast.Pow)
        return left if neutral and (kind is not ast.Div or type(left.value) is float) else None
    if isinstance(right, Traced) and type(left) in (int, float):
        neutral = left == 0 if kind is ast.Add else left == 1 and kind is ast.Mult
        return right if neutral else None
    return None


def _compared(compare: Callable[[Any, Any], bool], kind: type[ast.cmpop]) -> Any:
    def condition(left: Any, right: Any) -> Condition:
        tree = ast.Compare(tree_of(left), [kind()], [tree_of(right)])
        return Condition(compare(value_of(left), value_of(right)), tree)

    return condition


for _name, _compute, _kind in (
    ("add", operator.add, ast.Add),
    ("sub", operator.sub, ast.Sub),
    ("mul", operator.mul, ast.Mult),
    ("truediv", operator.truediv, ast.Div),
    ("floordiv", operator.floordiv, ast.FloorDiv),
    ("mod", operator.mod, ast.Mod),
    ("pow", operator.pow, ast.Pow),
):
    _left, _right = _binary(_compute, _kind)
    setattr(Traced, f"__{_name}__", _left)
    setattr(Traced, f"__r{_name}__", _right)
for _name, _compare, _sign in (
    ("lt", operator.lt, ast.Lt),
    ("le", operator.le, ast.LtE),
    ("gt", operator.gt, ast.Gt),
    ("ge", operator.ge, ast.GtE),
    ("eq", operator.eq, ast.Eq),
    ("ne", operator.ne, ast.NotEq),
):
    setattr(Traced, f"__{_name}__", _compared(_compare, _sign))


def _recorded(function: Callable[..., Any], called: str) -> Callable[..., Any]:
    """Return *function* so that a traced argument gives a traced result, a call of *called*."""

    def traced(*arguments: Any) -> Any:
        value = function(*map(value_of, arguments))
        if not any(isinstance(argument, Traced) for argument in arguments):
            return value
        return Traced(value, call(called, *map(tree_of, arguments)))

    return traced


def _on_values(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: function(*map(value_of, arguments))


def _refused(called: str) -> Callable[..., Any]:
    def refuse(*arguments: Any) -> Any:
        if any(isinstance(argument, Traced) for argument in arguments):
            raise Untraceable(f"{called}() of a number that changes from step to step")
        return FUNCTIONS[called](*arguments)

    return refuse


def _count(counter: Mapping[float, int], x: Any) -> int:
    """Return how often *x* is counted, deciding once for each number that may be the result."""
    for times in sorted(set(counter.values())):
        values = [value for value, n in counter.items() if n == times]
        tests = [ast.Compare(tree_of(x), [ast.Eq()], [constant(value)]) for value in values]
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), list(tests))
        if Condition(value_of(x) in values, test):
            return times
    return 0


#: How a rule's functions are called in a source, where they have an expression there.
_CALLED = {
    "abs": "abs",
    "ceil": "ceil",
    "cos": "cos",
    "exp": "exp",
    "float": "float",
    "floor": "floor",
    "int": "int",
    "logarithm": "log",
    "max": "max",
    "min": "min",
    "passed": "bisect_right",
}
_TYPE_TESTS = ("is_float", "is_integer", "is_list", "is_number", "callable", "is_scheduler")
#: The functions of `dialect.functions` on traced numbers.
TRACED_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{called: _refused(called) for called in FUNCTIONS},
    **{called: FUNCTIONS[called] for called in ("first_above", "first_reached", "len", "list")},
    **{called: _on_values(FUNCTIONS[called]) for called in _TYPE_TESTS if called in FUNCTIONS},
    **{called: _recorded(FUNCTIONS[called], wanted) for called, wanted in _CALLED.items()},
    "count": _count,
}
TRACED_CONSTANTS = {"pi": Traced(math.pi, name("pi")), "inf": math.inf}


class TracedMath:
    """The functions and constants of `math` that a formula in a source may read."""

    def __getattr__(self, called: str) -> Any:
        if called in CONSTANTS:
            return Traced(getattr(math, called), name(called))
        return _recorded(getattr(math, called), called)


def traced_namespace() -> dict[str, Any]:
    """Return the global names of a function whose argument is traced."""
    return {
        "math": TracedMath(),
        **{n: _recorded(f, n) for n, f in (("abs", abs), ("max", max), ("min", min))},
    }
