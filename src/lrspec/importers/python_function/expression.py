"""Python expressions as formulas, with the known values of their names in place."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrspec.importers.python_function.partial_evaluation import (
    Unreadable,
    comparison,
    function_call,
    is_other_literal,
    literal,
    operation,
)
from lrspec.spec.formula.folding import join
from lrspec.spec.formula.nodes import name, number

_CONSTANTS = {"pi": name("pi"), "e": math.e, "tau": math.tau}

#: The values of names: formulas, constants, descriptions of modules, objects and functions.
Names = Mapping[str, Any]
#: Writes out a call of a helper function, from its description and its arguments.
Inline = Callable[[Mapping[str, Any], Sequence[ast.expr]], ast.expr]


class ExpressionReader:
    """Reads Python expressions as formulas over t, with the values of *names* in place."""

    def __init__(self, names: Names, inline: Inline) -> None:
        self.names = names
        self.inline = inline

    def number(self, node: ast.expr) -> ast.expr:
        """Return *node*, which is a number, as a formula; a condition counts as 1 or 0."""
        operand = self._operand(node)
        if is_other_literal(operand):
            raise Unreadable(f"{ast.unparse(node)} is no number: {ast.unparse(operand)}")
        return operand

    def truth(self, node: ast.expr) -> ast.expr:
        """Return *node*, of which only the truth matters, as a condition or a known constant."""
        match node:
            case ast.BoolOp(op, values):
                return join(op, [self.truth(value) for value in values])
            case ast.UnaryOp(ast.Not() as negation, operand):
                inner = self.truth(operand)
                if isinstance(inner, ast.Constant):
                    return ast.Constant(not inner.value)
                return ast.UnaryOp(negation, inner)
            case ast.Compare(left, ops, comparators):
                sides = [self._operand(side) for side in (left, *comparators)]
                pairs = zip(sides, ops, sides[1:], strict=False)
                return join(ast.And(), [comparison(*pair) for pair in pairs])
        value = self._operand(node)
        if is_other_literal(value):
            return ast.Constant(bool(*literal(value)))
        return comparison(value, ast.NotEq(), ast.Constant(0))

    def _operand(self, node: ast.expr) -> ast.expr:
        """Return *node* as a formula, or as a constant that is a string, a Boolean or None."""
        match node:
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self._chosen(self.truth(node), ast.Constant(1), ast.Constant(0))
            case ast.IfExp(test, body, orelse):
                return self._chosen(self.truth(test), body, orelse)
            case ast.BinOp(left, op, right):
                return operation(self.number(left), op, self.number(right))
            case ast.UnaryOp(ast.USub() | ast.UAdd() as op, operand):
                return ast.UnaryOp(op, self.number(operand))
            case ast.Call(function, arguments, keywords):
                if keywords:
                    raise Unreadable(f"it calls {ast.unparse(function)} with a keyword")
                return self._call(function, arguments)
        value = self._value(node)
        if isinstance(value, ast.expr):
            return value
        if isinstance(value, (bool, str)) or value is None:
            return ast.Constant(value)
        if not isinstance(value, (int, float)):
            raise Unreadable(f"{ast.unparse(node)} is no number: {_described(value)}")
        return number(value)

    def _chosen(self, condition: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr:
        if isinstance(condition, ast.Constant):
            return self.number(body if condition.value else orelse)
        return ast.IfExp(condition, self.number(body), self.number(orelse))

    def _value(self, node: ast.expr) -> Any:
        """Return the value of *node*: a formula, a constant, or a description."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=read):
                if read not in self.names:
                    raise Unreadable(f"it reads {read}, which is not known")
                return self.names[read]
            case ast.Attribute(value=owner, attr=attribute):
                known = _attributes(self._value(owner))
                if attribute in known:
                    return known[attribute]
            case ast.Subscript(value=owner, slice=ast.Constant(value=key)):
                described = self._value(owner)
                if isinstance(described, Mapping) and str(key) in described.get("items", ()):
                    return described["items"][str(key)]
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            raise Unreadable(f"it reads {ast.unparse(node)}")
        raise Unreadable(f"it is a Python {type(node).__name__}")

    def _call(self, function: ast.expr, arguments: Sequence[ast.expr]) -> ast.expr:
        callee = self._callee(function)
        if not isinstance(callee, str):
            return self.inline(callee, [self.number(argument) for argument in arguments])
        if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
            arguments = arguments[0].elts
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            raise Unreadable(f"it calls {ast.unparse(function)} with a *")
        value = function_call(callee, [self.number(argument) for argument in arguments])
        if value is None:
            raise Unreadable(f"it calls {ast.unparse(function)}")
        return value

    def _callee(self, function: ast.expr) -> str | Mapping[str, Any]:
        """Return the name of a function of Python or mathematics, or a helper's description."""
        match function:
            case ast.Name(id=callee) if callee not in self.names:
                return callee
            case ast.Name(id=callee):
                described = self.names[callee]
                if isinstance(described, Mapping) and "from" in described:
                    module, _, original = described["from"].rpartition(".")
                    if module in ("builtins", "math", "numpy"):
                        return str(original)
                if isinstance(described, Mapping) and "function" in described:
                    return dict(described["function"])
            case ast.Attribute(ast.Name(id=owner), attribute):
                module = self.names.get(owner)
                if isinstance(module, Mapping) and module.get("module") in ("math", "numpy"):
                    return attribute
        raise Unreadable(f"it calls {ast.unparse(function)}")


def _attributes(described: Any) -> Mapping[str, Any]:
    """Return the attributes of a described object that are known, or a module's constants."""
    if not isinstance(described, Mapping):
        return {}
    constants = _CONSTANTS if "module" in described else {}
    return {**described.get("attributes", {}), **constants}


def _described(value: Mapping[str, Any]) -> str:
    kind, what = next(iter(value.items()))
    return str(what) if kind in ("object", "module", "float") else f"an object with {kind}"
