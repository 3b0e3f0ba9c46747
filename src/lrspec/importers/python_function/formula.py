"""The formula of a Python function of the step, as `worker/functions.py` describes it.

The function is a lambda, or a def of assignments, `if` and `return`; values from outside it replace
its names, and calls of helper functions are inlined. Its own values confirm the formula.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrspec.errors import BadInput
from lrspec.importers.python_function.expression import ExpressionReader, Names
from lrspec.importers.python_function.partial_evaluation import Unreadable
from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.functions import ARRAY, ELEMENTARY
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.nodes import name
from lrspec.spec.tolerance import tolerance_of


def formula_of(function: Mapping[str, Any], place: str) -> str:
    """Return the formula of *function*, which is at *place* of a scheduler.

    Raises `BadInput` where its source is no formula, or gives other values than the function.
    """
    text = (function["texts"] or [function["name"]])[0]
    shown = text if text.startswith("lambda") else function["name"]
    try:
        candidates = _formulas(function)
    except Unreadable as error:
        expected = f"a function that is a formula of the step: {error}"
        raise BadInput(place, shown, expected) from error
    for candidate in candidates:
        if has_values(candidate, function["values"]):
            return candidate
    expected = f"a function whose values are those of its source, {candidates[0]}, at every step"
    raise BadInput(place, shown, expected)


def source_formula(function: Mapping[str, Any]) -> str:
    """Return the formula in the source of *function*, whose values are not known.

    Raises `Unreadable` where its source is no formula.
    """
    return _formulas(function)[0]


def has_values(text: str, values: Sequence[tuple[int, float | None]]) -> bool:
    """Return whether the formula *text* has *values* (step, value) to within rounding.

    A value of None is unknown; if all are, the result is false.
    """
    known = [(t, value) for t, value in values if value is not None]
    if not known:
        return False
    steps, expected = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
    function = compile_formulas(("t",), (), parse(text), ARRAY)
    with np.errstate(all="ignore"):
        computed = np.broadcast_to(function(steps), steps.shape)
    rounding = tolerance_of("float64").rounding
    bound = rounding * np.maximum(np.abs(expected), np.finfo(float).tiny)
    return bool((np.abs(computed - expected) <= bound).all())


def _formulas(function: Mapping[str, Any]) -> list[str]:
    """Return the formula of each possible source of *function*; one line may have several lambdas.

    Raises `Unreadable` where there is none.
    """
    read = [_read(function, text) for text in _texts(function)]
    formulas = [formula for formula in read if isinstance(formula, str)]
    if not formulas:
        raise next(reason for reason in read if isinstance(reason, Unreadable))
    return formulas


def _texts(function: Mapping[str, Any]) -> Sequence[str]:
    if not function["texts"]:
        raise Unreadable("its source is not available")
    return list(function["texts"])


def _read(function: Mapping[str, Any], text: str) -> str | Unreadable:
    try:
        return _checked(_result(function, text, None))
    except Unreadable as reason:
        return reason


def formula_in(node: ast.FunctionDef, names: Names) -> str:
    """Return what the function *node* returns, with the values of *names*, as a formula of t.

    Raises `Unreadable` where it is none.
    """
    return _checked(_returned(node.body, names))


def _checked(node: ast.expr) -> str:
    formula = ast.unparse(node)
    try:
        parse(formula, frozenset({"t"}), ELEMENTARY, condition=False)
    except BadInput as error:
        raise Unreadable(f"the formula would be {error.found}") from error
    return formula


def _inline(function: Mapping[str, Any], arguments: Sequence[ast.expr]) -> ast.expr:
    return _result(function, _texts(function)[0], arguments)


def _result(
    function: Mapping[str, Any], text: str, arguments: Sequence[ast.expr] | None
) -> ast.expr:
    """Return what the function in *text* returns for *arguments*, or for the step."""
    node = _definition(text)
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        raise Unreadable("it has a decorator")
    parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    if node.args.vararg or node.args.kwarg:
        raise Unreadable("it takes any number of arguments")
    bound = function["bound"]
    free = [parameter for parameter in parameters if parameter not in bound]
    if arguments is None:
        free = free or parameters[:1]
        arguments = [name("t")]
    elif len(arguments) > len(free):
        free = parameters
    if len(free) != len(arguments):
        raise Unreadable(f"it takes {len(free)} arguments and not the step alone")
    names = {**function["names"], **bound, **dict(zip(free, arguments, strict=True))}
    if isinstance(node, ast.Lambda):
        return ExpressionReader(names, _inline).number(node.body)
    return _returned(node.body, names)


def _definition(text: str) -> ast.Lambda | ast.FunctionDef:
    try:
        tree = ast.parse(text if text.startswith("def ") else f"(\n{text}\n)")
    except SyntaxError:
        raise Unreadable("its source is not available") from None
    node = tree.body[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Lambda):
        return node.value
    if isinstance(node, ast.FunctionDef):
        return node
    raise Unreadable("its source is no lambda and no def")


def _returned(statements: Sequence[ast.stmt], names: Names) -> ast.expr:
    """Return what *statements* return: assigned values in place of names, `if` as a condition."""
    if not statements:
        raise Unreadable("it may end without a return")
    first, *rest = statements
    reader = ExpressionReader(names, _inline)
    match first:
        case ast.Return(value=ast.expr() as value):
            return reader.number(value)
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            return _returned(rest, {**names, target: reader.number(value)})
        case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
            return _returned(rest, {**names, target: reader.number(value)})
        case ast.AugAssign(target=ast.Name(id=target), op=op, value=value):
            changed = ast.BinOp(name(target), op, value)
            return _returned(rest, {**names, target: reader.number(changed)})
        case ast.If(test, body, orelse):
            condition = reader.truth(test)
            if isinstance(condition, ast.Constant):
                return _returned([*(body if condition.value else orelse), *rest], names)
            then, other = (_returned([*part, *rest], names) for part in (body, orelse))
            return ast.IfExp(condition, then, other)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return _returned(rest, names)
    raise Unreadable(f"line {first.lineno} of it is a Python {type(first).__name__}")
