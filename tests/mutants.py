"""Mutants: the formulas of a schedule's file, each with one constant or operator changed.

Which strings are formulas is read from `spec/schema/schedule.schema.json`. A change is made in the
parsed formula and written back as text, so that a mutant is read like any other file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lrspec import resources
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.operators import COMPARISONS, OPERATORS

FORMULA = "#/$defs/formula"
#: Functions that replace each other: they take the same arguments and are easily confused.
_KIN = (
    {"ceil", "floor", "abs"},
    {"cos", "sin", "exp", "sqrt"},
    {"every", "restarts"},
    {"max", "min"},
    {"restart_index", "restart_length", "restart_start"},
)
#: The numbers that have a name, and what replaces them.
_NAMED = {"pi": ("3", "0"), "inf": ("0", "-inf")}


#: The path to a formula in a document: keys and indices.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """A schedule's document in which one formula has one change."""

    kind: str
    path: Path
    before: str
    after: str
    document: Mapping[str, Any]

    @property
    def place(self) -> str:
        """The path to the formula in JSON path notation: `$.machine.step[2][1]`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "$" + "".join(parts)

    def __str__(self) -> str:
        return f"{self.kind} {self.place}: {self.before}  →  {self.after}"


@cache
def _schema() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = resources.read_json(
        resources.root() / "spec" / "schema" / "schedule.schema.json"
    )
    return schema


def places(document: Mapping[str, Any]) -> dict[Path, str]:
    """Return every formula of a schedule's *document* by its path."""
    formulas = dict(_formulas(document, _schema(), ()))
    for name, parameter in document["parameters"].items():
        if parameter["type"] == "formula" and "default" in parameter:
            formulas["parameters", name, "default"] = parameter["default"]
    return formulas


def _formulas(node: Any, schema: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(schema, Mapping):
        return
    if schema.get("$ref") == FORMULA and isinstance(node, str):
        yield path, node
    for branch in schema.get("oneOf", ()):
        yield from _formulas(node, branch, path)
    if isinstance(node, Mapping):
        known = schema.get("properties", {})
        for name, child in node.items():
            inner = known.get(name, schema.get("additionalProperties"))
            yield from _formulas(child, inner, (*path, name))
    elif isinstance(node, list):
        first = schema.get("prefixItems", [])
        for i, child in enumerate(node):
            inner = first[i] if i < len(first) else schema.get("items")
            yield from _formulas(child, inner, (*path, i))


def mutants(document: Mapping[str, Any]) -> Iterator[Mutant]:
    """Return every mutant of a schedule's *document*, in the order of its formulas."""
    called = frozenset(n for n, p in document["parameters"].items() if p["type"] == "formula")
    for path, text in places(document).items():
        for after in changes(text, called):
            yield Mutant(document["kind"], path, text, after, _with(document, path, after))


def _with(node: Any, path: Path, text: str) -> Any:
    """Return *node* with *text* at *path*; what lies beside the path is shared, not copied."""
    if not path:
        return text
    changed = list(node) if isinstance(node, list) else dict(node)
    changed[path[0]] = _with(node[path[0]], path[1:], text)
    return changed


def normal(text: str) -> str:
    """Return a formula as `changes` writes it."""
    return ast.unparse(ast.parse(text, mode="eval"))


def changes(text: str, called: frozenset[str] = frozenset()) -> list[str]:
    """Return the texts of a formula with one constant or operator of it changed, each once.

    *called* are the formula parameters that it may call.
    """
    tree = parse(text, parameters=called).tree
    same = ast.unparse(tree)
    changed = (ast.unparse(ast.fix_missing_locations(t)) for t in _changed(tree))
    return [after for after in dict.fromkeys(changed) if after != same]


def _changed(node: ast.expr) -> Iterator[ast.expr]:
    yield from _here(node)
    for name, child in ast.iter_fields(node):
        if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and name == "func"):
            for other in _changed(child):
                yield _replaced(node, name, other)
        elif isinstance(child, list):
            for i, item in enumerate(child):
                if isinstance(item, ast.expr):
                    for other in _changed(item):
                        yield _replaced(node, name, [*child[:i], other, *child[i + 1 :]])


def _replaced(node: ast.expr, name: str, child: Any) -> ast.expr:
    fields = {**dict(ast.iter_fields(node)), name: child}
    return type(node)(**fields)


def _here(node: ast.expr) -> Iterator[ast.expr]:
    """Return what can replace *node* itself."""
    match node:
        case ast.Constant(value=value):
            yield from (_number(other) for other in _numbers(value))
        case ast.Name(id=name):
            yield from (ast.parse(other, mode="eval").body for other in _NAMED.get(name, ()))
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, o(), right) for o in OPERATORS if not isinstance(op, o))
        case ast.Compare(left, [op], right):
            others = (o for o in COMPARISONS if not isinstance(op, o))
            yield from (ast.Compare(left, [other()], right) for other in others)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
            yield body
            yield orelse
        case ast.Call(ast.Name(id=name), arguments):
            kin = (other for family in _KIN if name in family for other in sorted(family - {name}))
            yield from (ast.Call(ast.Name(other, ast.Load()), arguments, []) for other in kin)
            if name in ("max", "min"):
                yield from arguments


def _numbers(value: float) -> list[float]:
    if isinstance(value, int):
        return [other for other in (value + 1, value - 1, 0) if other != value]
    return [value * 1.01, value + 1, 0]


def _number(value: float) -> ast.expr:
    number = ast.Constant(abs(value))
    return ast.UnaryOp(ast.USub(), number) if value < 0 else number
