"""How a constructor's argument is recovered from the attributes of a live object.

An attribute formula is a formula over the object's attributes, each without the underscores that
its name begins with: `total_size`, `schedulers[1]`, `schedule_phases[0].end_step`. `max_lrs[group]`
is the item of the parameter group at hand, and `group.lr` is an option of that group. Where the
object keeps only what the constructor computed, an equation states that computation, with the
argument under its own name: `step_ratio = step_size_up / total_size`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.bindings.solving import check_solvable
from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import Formula, parse

#: The name of the parameter group at hand: its index in `[group]`, its options in `group.lr`.
GROUP = "group"


class Attribute:
    """A recovery of one value from an object's attributes."""


@dataclass(frozen=True)
class Path(Attribute):
    """An attribute, or what lies in it: keys of mappings, indices of lists, or `GROUP`."""

    name: str
    keys: tuple[str | int, ...] = ()

    @property
    def place(self) -> str:
        """Where the value is found in the object, for a message."""
        return "".join(
            [self.name, *(f"[{k}]" if isinstance(k, int) else f".{k}" for k in self.keys)]
        ).removesuffix(f".{GROUP}")


@dataclass(frozen=True)
class Computed(Attribute):
    """A formula, and where the value of each of its names is found."""

    formula: Formula
    paths: Mapping[str, Path]


@dataclass(frozen=True)
class Equation(Attribute):
    """What the object keeps, and the computation that gave it, from the unknown argument."""

    kept: Computed
    computation: Computed


@dataclass(frozen=True)
class Lookup(Attribute):
    """The value that stands for the name that an attribute has."""

    path: Path
    values: Mapping[str, Any]


def attribute_of(item: Any) -> Attribute:
    """Return the attribute formula that *item* of a JSON file states; raises `BadInput`."""
    match item:
        case str():
            return _parsed(item)
        case {"attribute": str() as text, "values": dict() as values, **rest} if not rest:
            path = _parsed(text)
            if isinstance(path, Path):
                return Lookup(path, values)
    raise BadInput("$", item, "a formula over attributes, or an attribute and a table of values")


def check_equation(attribute: Attribute, argument: str) -> None:
    """Raise `BadInput` where *attribute* is an equation that does not determine *argument*."""
    if isinstance(attribute, Equation):
        check_solvable(attribute.computation.formula, argument)


def _parsed(text: str) -> Attribute:
    kept, equals, computation = text.partition(" = ")
    if equals:
        return Equation(_computed(_expression(kept)), _computed(_expression(computation)))
    computed = _computed(_expression(text))
    whole = computed.formula.tree
    return computed.paths[whole.id] if isinstance(whole, ast.Name) else computed


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise BadInput("$", text, "a formula over attributes") from error


def _computed(expression: ast.expr) -> Computed:
    """Return *expression* with a plain name in the place of each path."""
    rewriter = _Rewriter()
    formula = parse(ast.unparse(rewriter.visit(expression)))
    return Computed(formula, {n: rewriter.paths.get(n, Path(n)) for n in formula.names})


class _Rewriter(ast.NodeTransformer):
    """Replaces `a[0].b` by a name that the formula language takes."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._name(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return self._name(node)

    def _name(self, node: ast.expr) -> ast.expr:
        path = _path(node)
        name = f"path_{len(self.paths)}"
        self.paths[name] = path
        return ast.Name(name, ast.Load())


def _path(node: ast.expr) -> Path:
    match node:
        case ast.Name(id=name):
            return Path(name)
        case ast.Attribute(value=inner, attr=key):
            outer = _path(inner)
            return Path(outer.name, (*outer.keys, key))
        case ast.Subscript(value=inner, slice=ast.Name(id=key)) if key == GROUP:
            outer = _path(inner)
            return Path(outer.name, (*outer.keys, GROUP))
        case ast.Subscript(value=inner, slice=index):
            outer = _path(inner)
            return Path(outer.name, (*outer.keys, _index(index)))
    raise BadInput("$", ast.unparse(node), "an attribute, such as schedulers[1] or group.lr")


def _index(node: ast.expr) -> int:
    try:
        index = ast.literal_eval(node)
    except ValueError:
        index = None
    if not isinstance(index, int):
        raise BadInput("$", ast.unparse(node), f"an index: a number or {GROUP}")
    return index
