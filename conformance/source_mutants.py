"""Mutants of Python source: one small change each, as regressions of a scheduler look."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}
_DELETED = (ast.Assign, ast.AugAssign, ast.Raise, ast.If, ast.For)


@dataclass(frozen=True)
class Mutant:
    """Source with one change: `what` was done in `line` of the class or function `owner`."""

    owner: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.owner}, line {self.line}: {self.what}"


def mutants(text: str, *, public: bool = False) -> Iterator[Mutant]:
    """Return every mutant of the methods and private functions in *text*, and of *public* ones."""
    body = ast.parse(text).body
    texts = [ast.unparse(statement) for statement in body]
    for index, owner in enumerate(body):
        named = isinstance(owner, ast.FunctionDef) and (public or owner.name.startswith("_"))
        if isinstance(owner, ast.ClassDef) or named:
            names = _attributes(owner)
            for node in _nodes(owner):
                for what, other in _changes(node, names):
                    changed = [*texts[:index], _text(owner, node, other), *texts[index + 1 :]]
                    yield Mutant(owner.name, node.lineno, what, "\n".join(changed))


def _attributes(owner: ast.stmt) -> list[str]:
    """Return the attributes of `self` that *owner* reads or writes, in order."""
    nodes = (node for node in ast.walk(owner) if isinstance(node, ast.Attribute))
    own = (n.attr for n in nodes if isinstance(n.value, ast.Name) and n.value.id == "self")
    return sorted(set(own))


def _nodes(owner: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Return the nodes of *owner* that run, without docstrings and annotations."""
    for name, field in ast.iter_fields(owner):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for node in field if isinstance(field, list) else [field]:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring
            if isinstance(node, (ast.expr, ast.stmt)):
                yield node
            if isinstance(node, ast.AST):
                yield from _nodes(node)


def _changes(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    """Return what may be put in the place of *node*, each with a description."""
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node.value)
    else:
        yield from _of_operation(node)
        yield from _of_name(node, names)


def _of_statement(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Raise(ast.Call(ast.Name(name), arguments)):
            error = "RuntimeError" if name != "RuntimeError" else "ValueError"
            call = ast.Call(ast.Name(error, ast.Load()), arguments, [])
            yield f"{name} becomes {error}", ast.Raise(call)
        case ast.Return(value) if value is not None:
            yield "the returned value is dropped", ast.Return(ast.Constant(None))
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if called or isinstance(node, _DELETED):
        yield "a statement is deleted", ast.Pass()


def _of_constant(value: object) -> Iterator[tuple[str, ast.AST]]:
    match value:
        case bool():
            yield f"{value} becomes {not value}", ast.Constant(not value)
        case int() | float():
            yield f"{value} becomes {value + 1}", ast.Constant(value + 1)
        case str():
            yield "a text is changed", ast.Constant(f"{value}x")


def _of_operation(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(left, [operator], [right]) if type(operator) in _COMPARISONS:
            other = _COMPARISONS[type(operator)]
            what = f"{type(operator).__name__} becomes {other.__name__}"
            yield what, ast.Compare(left, [other()], [right])
        case ast.BinOp(left, operator, right):
            if type(operator) in _OPERATORS:
                another = _OPERATORS[type(operator)]
                what = f"{type(operator).__name__} becomes {another.__name__}"
                yield what, ast.BinOp(left, another(), right)
            if isinstance(operator, (ast.Sub, ast.Div, ast.Pow, ast.Mod)):
                yield "operands are swapped", ast.BinOp(right, operator, left)
        case ast.BoolOp(operator, values):
            junction = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield "and becomes or, or the reverse", ast.BoolOp(junction, values)
        case ast.UnaryOp(ast.Not(), operand):
            yield "not is dropped", operand


def _of_name(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Tuple(items) | ast.List(items) if len(items) > 1 and _are_texts(items):
            yield "an item is dropped", type(node)(items[1:], ast.Load())
        case ast.Attribute(ast.Name("self"), attribute, ast.Load() as context) if (
            attribute in names
        ):
            other = names[(names.index(attribute) + 1) % len(names)]
            if other != attribute:
                what = f"self.{attribute} becomes self.{other}"
                yield what, ast.Attribute(ast.Name("self", ast.Load()), other, context)


def _are_texts(items: list[ast.expr]) -> bool:
    return all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in items)


def _text(owner: ast.stmt, node: ast.AST, other: ast.AST) -> str:
    """Return the source of *owner* with *other* in the place of *node*."""
    marked = copy.copy(vars(node))
    kind = node.__class__
    try:
        node.__class__ = other.__class__  # type: ignore[assignment]
        vars(node).clear()
        vars(node).update(vars(other))
        return ast.unparse(ast.fix_missing_locations(owner))
    finally:
        node.__class__ = kind  # type: ignore[assignment]
        vars(node).clear()
        vars(node).update(marked)
