"""Statements: named values and a result, written as the lines that a person would write."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrspec.codegen.comments import WIDTH
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import count, is_constant, name, same
from lrspec.spec.formula.unparse import unparse

#: Names and their values, in the order in which they are computed.
Lets = Sequence[tuple[str, ast.expr]]
RETURN = "return "


@dataclass
class Body:
    """The lines of a function's body, built up in order.

    `definitions` are what the lines need outside the function, by name: helpers and long lists.
    """

    lines: list[str] = field(default_factory=list)
    definitions: dict[str, list[str]] = field(default_factory=dict)
    _parts: int = 0

    def line(self, text: str, indent: int) -> None:
        """Add a line."""
        self.lines.append(" " * indent + text)

    def define(self, stem: str, lines: Sequence[str]) -> str:
        """Add a definition and return its name: *stem*, numbered if another one has that name.

        *lines* have `{name}`, or `{NAME}` for a constant, in the place of the name.
        """
        number = 1
        while True:
            unique = stem if number == 1 else f"{stem}_{number}"
            definition = [
                line.replace("{name}", unique).replace("{NAME}", unique.upper()) for line in lines
            ]
            if self.definitions.setdefault(unique, definition) == definition:
                return unique
            number += 1

    def block(self, lets: Lets, result: ast.expr, sink: str, indent: int) -> None:
        """Write *lets* and what *sink*, `return` or `name =`, does with *result*."""
        named, result = _inlined(list(lets), result, WIDTH - indent - len(sink))
        for index, (selector, node) in enumerate(named):
            if _selects(selector, node, [n for _, n in named[index + 1 :]] + [result]):
                self._split(named, index, result, sink, indent)
                return
        for target, node in named:
            self.put(f"{target} = ", node, indent)
        self.put(sink, result, indent)

    def _split(
        self, lets: list[tuple[str, ast.expr]], index: int, result: ast.expr, sink: str, indent: int
    ) -> None:
        """Write a block for each value of the name at *index*, which only selects a case."""
        selector, node = lets[index]
        cases = list(_cases(node))
        tests = [test for test, _ in cases if test is not None]
        rest = lets[index + 1 :]
        for target, value in reversed(lets[:index]):
            if not any(count(test, target) for test in tests):
                rest.insert(0, (target, value))
        for target, value in lets[:index]:
            if (target, value) not in rest:
                self.put(f"{target} = ", value, indent)
        for number, (test, value) in enumerate(cases):
            inner = self.case(test, number, sink, indent)
            names = {selector: value}
            block = [(target, substitute(let, names)) for target, let in rest]
            self.block(block, substitute(result, names), sink, inner)

    def case(self, test: ast.expr | None, number: int, sink: str, indent: int) -> int:
        """Begin case *number* of several, the last of which has no test; return its indent."""
        returns = sink == RETURN
        if test is None:
            if returns or number == 0:
                return indent
            self.line("else:", indent)
        else:
            word = "if" if number == 0 or returns else "elif"
            self.line(f"{word} {unparse(test)}:", indent)
        return indent + 4

    def put(self, sink: str, node: ast.expr, indent: int) -> None:
        """Write what *sink* does with *node*, in parts if it is too long for one line."""
        text = unparse(node)
        if indent + len(sink) + len(text) <= WIDTH:
            self.line(sink + text, indent)
            return
        if isinstance(node, ast.IfExp):
            for number, (test, value) in enumerate(_cases(node)):
                self.put(sink, value, self.case(test, number, sink, indent))
            return
        part = max(_parts(node), key=lambda part: len(unparse(part)), default=None)
        if part is None:
            self.line(sink + text, indent)
            return
        self._parts += 1
        target = f"part_{self._parts}"
        self.put(f"{target} = ", part, indent)
        self.put(sink, _replaced(node, part, name(target)), indent)


def _inlined(
    lets: list[tuple[str, ast.expr]], result: ast.expr, width: int
) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """Inline *lets* into *result*, except what is read twice or would exceed *width*."""
    for index in reversed(range(len(lets))):
        target, node = lets[index]
        later = [let for _, let in lets[index + 1 :]]
        reads = sum(count(n, target) for n in (*later, result))
        plain = is_constant(node) or isinstance(node, ast.Name)
        if reads > 1 and not plain:
            continue
        if _selects(target, node, [*later, result]):
            continue
        rest = [(n, substitute(let, {target: node})) for n, let in lets[index + 1 :]]
        inlined = substitute(result, {target: node})
        widest = max(len(unparse(n)) for n in (*dict(rest).values(), inlined))
        if reads and not plain and widest > width:
            continue
        lets, result = [*lets[:index], *rest], inlined
    return lets, result


def _cases(node: ast.expr) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Yield each test of a chain of conditions with its value, and last None with the rest."""
    tests: list[ast.expr] = []
    while isinstance(node, ast.IfExp):
        if not any(same(node.test, test) for test in tests):
            tests.append(node.test)
            yield node.test, node.body
        node = node.orelse
    yield None, node


def _selects(selector: str, node: ast.expr, readers: Sequence[ast.expr]) -> bool:
    """Return whether *selector* is one of several constants that *readers* compare it with."""
    if not isinstance(node, ast.IfExp) or not all(is_constant(v) for _, v in _cases(node)):
        return False
    compares = (n for r in readers for n in ast.walk(r) if isinstance(n, ast.Compare))
    return any(count(compare, selector) for compare in compares)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of *node* that are computed whatever a condition is."""
    match node:
        case ast.BinOp(left, _, right):
            sides: Sequence[ast.expr] = [left, right]
        case ast.UnaryOp(_, operand):
            sides = [operand]
        case ast.Call(_, arguments):
            sides = arguments
        case ast.Subscript(_, index):
            sides = [index]
        case ast.Compare(left, _, [right]):
            sides = [left, right]
        case ast.IfExp(test, _, _):
            sides = [test]
        case ast.BoolOp(_, values):
            sides = values[:1]
        case _:
            sides = []
    yield from (side for side in sides if not isinstance(side, (ast.Constant, ast.Name, ast.List)))


def _replaced(node: ast.expr, part: ast.expr, by: ast.expr) -> ast.expr:
    """Return *node* with its *part* replaced by *by*."""

    class Replace(ast.NodeTransformer):
        def visit(self, inner: ast.AST) -> Any:
            return by if inner is part else self.generic_visit(inner)

    return Replace().visit(node)  # type: ignore[no-any-return]
