"""The rule language: Python's own arithmetic, reduced to an allow list, as methods of a class.

A rule is text from a JSON file. It is parsed, rebuilt node by node from the allow list, and only
what was rebuilt is compiled. Unlike the formula language of the specification it keeps Python's
semantics to the last bit, exceptions included: a division by zero is part of what a framework does.

A method is a formula, or a list of lines:

    "x = FORMULA"             a local name
    "self.x = FORMULA"        an attribute of the scheduler
    "group.x = FORMULA"       an option of the current parameter group
    "super(FORMULA, …)"       the base class's constructor
    "return FORMULA"          the value; the last line
    {"when": FORMULA, "then": [LINE, …]}
    {"when": FORMULA, "raise": TYPE, "message": PATTERN}
    {"when": FORMULA, "departure": ID}

A name is an argument of the method, a local name, a name of a group, an alias of the protocol, or
an attribute that the class declares; any other is rejected when the rule is loaded. A formula
that reads the name of a group is computed for each group, over the zipped sequences that it reads;
a condition outside of all others that reads none is decided once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrspec.dialect.functions import CONSTANTS
from lrspec.errors import BadInput

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
_UNARY = (ast.USub, ast.UAdd, ast.Not)


@dataclass(frozen=True)
class Scope:
    """The names that the rules of one class may read.

    `attributes` are those of the scheduler, `aliases` other names for some of them, `methods` its
    own. `groups` maps the name of a group to where it lies: `("group", "lr")` is an option of the
    parameter group, `("self", "base_lrs")` and `("local", "base_lrs")` are entries of a list.
    `functions` are those of the language and of the protocol, `constants` those of the language.
    With `strict`, the zipped sequences of the groups must have the same length.
    """

    place: str
    attributes: frozenset[str]
    groups: Mapping[str, tuple[str, str]]
    aliases: Mapping[str, str]
    methods: frozenset[str]
    functions: Mapping[str, Callable[..., Any]]
    constants: Mapping[str, Any] = field(default_factory=lambda: CONSTANTS)
    strict: bool = True

    def formula(self, text: str, local: frozenset[str]) -> ast.expr:
        """Return *text* as a tree of the allow list; raises `BadInput` for anything else."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise BadInput(self.place, text, "a formula in Python's expression syntax") from error
        return _Reducer(self, local, text).visit(parsed)  # type: ignore[no-any-return]


class _Reducer(ast.NodeTransformer):
    """Rebuilds an expression from the allow list, its names resolved."""

    def __init__(self, scope: Scope, local: frozenset[str], text: str) -> None:
        self.scope, self.local, self.text = scope, local, text

    def generic_visit(self, node: ast.AST) -> ast.AST:
        raise BadInput(self.scope.place, self.text, f"no {type(node).__name__} in a rule")

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value is not None and not isinstance(node.value, (int, float, str)):
            self.generic_visit(node)
        return ast.Constant(node.value)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in self.local or name in self.scope.constants or name in self.scope.groups:
            return ast.Name(name, ast.Load())
        if name in self.scope.aliases:
            return attribute(self.scope.aliases[name])
        if name in self.scope.attributes:
            return attribute(name)
        known = ", ".join(sorted({*self.local, *self.scope.groups, *self.scope.attributes}))
        raise BadInput(self.scope.place, f"the name {name} in {self.text}", f"one of {known}")

    def visit_List(self, node: ast.List) -> ast.expr:
        return ast.List([self.visit(item) for item in node.elts], ast.Load())

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if not isinstance(node.op, _UNARY):
            self.generic_visit(node)
        return ast.UnaryOp(node.op, self.visit(node.operand))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, _OPERATORS):
            self.generic_visit(node)
        return ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.visit(value) for value in node.values])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1 or not isinstance(node.ops[0], _COMPARISONS):
            self.generic_visit(node)
        return ast.Compare(self.visit(node.left), node.ops, [self.visit(node.comparators[0])])

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(self.visit(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        arguments = [self.visit(argument) for argument in node.args]
        if node.keywords:
            self.generic_visit(node)
        if name in self.scope.functions:
            return ast.Call(ast.Name(f"_{name}", ast.Load()), arguments, [])
        if name in self.scope.methods:
            return ast.Call(attribute(name), arguments, [])
        callee: ast.expr = self.visit(ast.Name(name, ast.Load()))  # a function of the recipe
        return ast.Call(callee, arguments, [])


def attribute(name: str) -> ast.expr:
    """Return the node that reads an attribute of the scheduler."""
    return ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())
