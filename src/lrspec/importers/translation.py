"""From a Python function of the step, as `functions.py` describes it, to a formula of our language.

A lambda, or a def of assignments, `if` and `return`; numbers from outside are put in their places,
and helper functions are written out. What cannot be written is refused with its reason.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.conditions import Unreadable, folded, joined
from lrspec.importers.operations import called, constant, operated
from lrspec.spec.formula.grammar import PLAIN, parse

_NUMBERS = {"e": math.e, "tau": math.tau}

Names = Mapping[str, Any]


def formula_of(function: Mapping[str, Any]) -> list[str]:
    """Return the formulas that the source of *function* may stand for, most often one.

    There are several where one line holds several lambdas. Raises `Unreadable` where there is none.
    """
    if not function["texts"]:
        raise Unreadable("its source is not to be had")
    written = [_written(function, text) for text in function["texts"]]
    found = [formula for formula in written if isinstance(formula, str)]
    if not found:
        raise next(reason for reason in written if isinstance(reason, Unreadable))
    return list(dict.fromkeys(found))


def _written(function: Mapping[str, Any], text: str) -> str | Unreadable:
    try:
        formula = ast.unparse(_called(function, text, None))
        parse(formula, frozenset({"t"}), PLAIN, condition=False)
    except Unreadable as reason:
        return reason
    except BadInput as error:
        return Unreadable(f"the formula would be {error.found}")
    return formula


def _called(function: Mapping[str, Any], text: str, arguments: Sequence[Any] | None) -> ast.expr:
    """Return the value of the function in *text*, called with *arguments*, or with the step."""
    node = _definition(text)
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        raise Unreadable("it has a decorator")
    parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    if node.args.vararg or node.args.kwarg:
        raise Unreadable("it takes any number of arguments")
    bound = function["bound"]
    free = [name for name in parameters if name not in bound]
    if arguments is None:
        free = free or parameters[:1]
        arguments = [ast.Name("t", ast.Load())]
    elif len(arguments) > len(free):
        free = parameters
    if len(free) != len(arguments):
        raise Unreadable(f"it takes {len(free)} arguments and not the step alone")
    names = {**function["names"], **bound, **dict(zip(free, arguments, strict=True))}
    if isinstance(node, ast.Lambda):
        return _Writer(names).number(node.body)
    return _returned(node.body, names)


def _definition(text: str) -> ast.Lambda | ast.FunctionDef:
    lines = text.splitlines()
    try:
        tree = ast.parse(text if lines[0].startswith("def ") else f"(\n{text}\n)")
    except SyntaxError:
        raise Unreadable("its source is not to be had") from None
    node = tree.body[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Lambda):
        return node.value
    if isinstance(node, ast.FunctionDef):
        return node
    raise Unreadable("its source is no lambda and no def")


def _returned(statements: Sequence[ast.stmt], names: Names) -> ast.expr:
    """Return what *statements* return, assignments put in their places and `if` as a condition."""
    if not statements:
        raise Unreadable("it may end without a return")
    first, *rest = statements
    writer = _Writer(names)
    match first:
        case ast.Return(value=ast.expr() as value):
            return writer.number(value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return _returned(rest, {**names, name: writer.number(value)})
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return _returned(rest, {**names, name: writer.number(value)})
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            changed = ast.BinOp(ast.Name(name, ast.Load()), op, value)
            return _returned(rest, {**names, name: writer.number(changed)})
        case ast.If(test, body, orelse):
            condition = writer.truth(test)
            if isinstance(condition, ast.Constant):
                return _returned([*(body if condition.value else orelse), *rest], names)
            then, other = (_returned([*part, *rest], names) for part in (body, orelse))
            return ast.IfExp(condition, then, other)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return _returned(rest, names)
    raise Unreadable(f"line {first.lineno} of it is {_what(first)}")


class _Writer:
    """Writes Python expressions in the formula language, *names* standing for what they do."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def number(self, node: ast.expr) -> ast.expr:
        """Return *node*, which is a number, as a formula; a condition counts as 1 or 0."""
        match node:
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self._chosen(self.truth(node), ast.Constant(1), ast.Constant(0))
            case ast.IfExp(test, body, orelse):
                return self._chosen(self.truth(test), body, orelse)
            case ast.BinOp(left, op, right):
                return operated(self.number(left), op, self.number(right))
            case ast.UnaryOp(ast.USub() | ast.UAdd() as op, operand):
                return ast.UnaryOp(op, self.number(operand))
            case ast.Call(function, arguments, keywords):
                if keywords:
                    raise Unreadable(f"it calls {ast.unparse(function)} with a keyword")
                return self._call(function, arguments)
        found = self._value(node)
        if isinstance(found, ast.expr):
            return found
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise Unreadable(f"{ast.unparse(node)} is no number: {_shown(found)}")
        return constant(found)

    def _chosen(self, condition: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr:
        if isinstance(condition, ast.Constant):
            return self.number(body if condition.value else orelse)
        return ast.IfExp(condition, self.number(body), self.number(orelse))

    def truth(self, node: ast.expr) -> ast.expr:
        """Return *node*, whose truth alone counts, as a condition; a constant where it is known."""
        match node:
            case ast.BoolOp(op, values):
                return joined(op, [self.truth(value) for value in values])
            case ast.UnaryOp(ast.Not() as negation, operand):
                inner = self.truth(operand)
                if isinstance(inner, ast.Constant):
                    return ast.Constant(not inner.value)
                return ast.UnaryOp(negation, inner)
            case ast.Compare(left, ops, comparators):
                sides = [left, *comparators]
                pairs = zip(sides, ops, sides[1:], strict=False)
                return joined(ast.And(), [self._compared(*pair) for pair in pairs])
        found = self._value(node) if isinstance(node, (ast.Name, ast.Constant)) else None
        if isinstance(found, (str, bool)) or (isinstance(node, ast.Constant) and found is None):
            return ast.Constant(bool(found))
        return folded(ast.Compare(self.number(node), [ast.NotEq()], [ast.Constant(0)]))

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        plain = [self._plain(side) for side in (left, right)]
        if all(isinstance(side, ast.Constant) for side in plain):
            return folded(ast.Compare(plain[0], [op], [plain[1]]))
        return folded(ast.Compare(self.number(left), [op], [self.number(right)]))

    def _plain(self, node: ast.expr) -> Any:
        """Return a string, a truth or None that *node* stands for as a constant, else *node*."""
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)):
            found = self._value(node)
            if found is None or isinstance(found, (str, bool)):
                return ast.Constant(found)
            if isinstance(found, (int, float)):
                return ast.Constant(found)
            if isinstance(found, ast.Constant):
                return found
        return node

    def _value(self, node: ast.expr) -> Any:
        """Return what *node* stands for: a formula, a number, or what is neither."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                if name not in self.names:
                    raise Unreadable(f"it reads {name}, which is not known")
                return self.names[name]
            case ast.Attribute(value=of, attr=name):
                found = self._value(of)
                if isinstance(found, Mapping) and "module" in found and name == "pi":
                    return ast.Name("pi", ast.Load())
                if isinstance(found, Mapping) and "module" in found and name in _NUMBERS:
                    return _NUMBERS[name]
                if isinstance(found, Mapping) and name in found.get("attributes", ()):
                    return found["attributes"][name]
            case ast.Subscript(value=of, slice=ast.Constant(value=key)):
                found = self._value(of)
                if isinstance(found, Mapping) and str(key) in found.get("items", ()):
                    return found["items"][str(key)]
        raise Unreadable(
            f"it reads {ast.unparse(node)}" if _is_read(node) else f"it is {_what(node)}"
        )

    def _call(self, function: ast.expr, arguments: Sequence[ast.expr]) -> ast.expr:
        found = self._callee(function)
        if not isinstance(found, str):
            written = [self.number(argument) for argument in arguments]
            return _called(found, (found["texts"] or [""])[0], written)
        if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
            arguments = arguments[0].elts
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            raise Unreadable(f"it calls {ast.unparse(function)} with a *")
        value = called(found, [self.number(argument) for argument in arguments])
        if value is None:
            raise Unreadable(f"it calls {ast.unparse(function)}")
        return value

    def _callee(self, function: ast.expr) -> Any:
        """Return the name of a function of Python or of mathematics, or a helper's description."""
        if isinstance(function, ast.Name) and function.id not in self.names:
            return function.id
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            module = self.names.get(function.value.id)
            if isinstance(module, Mapping) and module.get("module") in ("math", "numpy"):
                return function.attr
        found = self.names.get(function.id) if isinstance(function, ast.Name) else None
        if isinstance(found, Mapping) and "from" in found:
            module, _, name = found["from"].rpartition(".")
            if module in ("builtins", "math", "numpy"):
                return name
        if isinstance(found, Mapping) and "function" in found:
            return found["function"]
        raise Unreadable(f"it calls {ast.unparse(function)}")


def _is_read(node: ast.expr) -> bool:
    return isinstance(node, (ast.Attribute, ast.Subscript))


def _shown(found: Any) -> str:
    if isinstance(found, Mapping):
        kind, what = next(iter(found.items()))
        return str(what) if kind in ("object", "module", "float") else f"a thing with {kind}"
    return repr(found)


def _what(node: ast.AST) -> str:
    return f"a Python {type(node).__name__}"
