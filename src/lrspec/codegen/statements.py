"""Statements: named parts and a result, written as lines that a person would have written."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrspec.codegen.comments import WIDTH
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import count, is_constant, name, same
from lrspec.spec.formula.unparse import unparse

#: Names and what they stand for, in the order in which they are worked out.
Lets = Sequence[tuple[str, ast.expr]]
RETURN = "return "


@dataclass
class Body:
    """The lines of a function, as they are written.

    `definitions` are what they need beside the function, by name: helpers and long lists.
    """

    lines: list[str] = field(default_factory=list)
    definitions: dict[str, list[str]] = field(default_factory=dict)
    _parts: int = 0

    def line(self, text: str, indent: int) -> None:
        """Add a line."""
        self.lines.append(" " * indent + text)

    def define(self, wanted: str, lines: Sequence[str]) -> str:
        """Add a definition, its name standing as `{name}` in *lines*; return the name it got."""
        number = 1
        while True:
            found = wanted if number == 1 else f"{wanted}_{number}"
            written = [
                line.replace("{name}", found).replace("{NAME}", found.upper()) for line in lines
            ]
            if self.definitions.setdefault(found, written) == written:
                return found
            number += 1

    def block(self, lets: Lets, result: ast.expr, sink: str, indent: int) -> None:
        """Write *lets* and what *sink* does with *result*: `return`, or `name =`."""
        kept, result = _inlined(list(lets), result, WIDTH - indent - len(sink))
        for index, (selector, node) in enumerate(kept):
            if _selects(selector, node, [n for _, n in kept[index + 1 :]] + [result]):
                self._split(kept, index, result, sink, indent)
                return
        for found, node in kept:
            self.put(f"{found} = ", node, indent)
        self.put(sink, result, indent)

    def _split(
        self, kept: list[tuple[str, ast.expr]], index: int, result: ast.expr, sink: str, indent: int
    ) -> None:
        """Write a block for each value of a name that only says which case it is."""
        selector, node = kept[index]
        cases = list(_cases(node))
        tests = [test for test, _ in cases if test is not None]
        rest = kept[index + 1 :]
        for found, let in reversed(kept[:index]):
            if not any(count(test, found) for test in tests):
                rest.insert(0, (found, let))
        for found, let in kept[:index]:
            if (found, let) not in rest:
                self.put(f"{found} = ", let, indent)
        for number, (test, value) in enumerate(cases):
            inner = self.case(test, number, sink, indent)
            names = {selector: value}
            lets = [(found, substitute(let, names)) for found, let in rest]
            self.block(lets, substitute(result, names), sink, inner)

    def case(self, test: ast.expr | None, number: int, sink: str, indent: int) -> int:
        """Begin case *number* of several, the last one without a test; return its indent."""
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
        """Write what *sink* does with *node*, in parts where it is too long for a line."""
        text = unparse(node)
        if indent + len(sink) + len(text) <= WIDTH:
            self.line(sink + text, indent)
            return
        if isinstance(node, ast.IfExp):
            for number, (test, value) in enumerate(_cases(node)):
                self.put(sink, value, self.case(test, number, sink, indent))
            return
        part = max(_parts(node), key=lambda found: len(unparse(found)), default=None)
        if part is None:
            self.line(sink + text, indent)
            return
        self._parts += 1
        found = f"part_{self._parts}"
        self.put(f"{found} = ", part, indent)
        self.put(sink, _replaced(node, part, name(found)), indent)


def _inlined(
    lets: list[tuple[str, ast.expr]], result: ast.expr, room: int
) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """Return what is left to name: what is read twice, or would make a line too long."""
    for index in reversed(range(len(lets))):
        found, node = lets[index]
        later = [let for _, let in lets[index + 1 :]]
        reads = sum(count(n, found) for n in (*later, result))
        plain = is_constant(node) or isinstance(node, ast.Name)
        if reads > 1 and not plain:
            continue
        if _selects(found, node, [*later, result]):
            continue
        rest = [(n, substitute(let, {found: node})) for n, let in lets[index + 1 :]]
        whole = substitute(result, {found: node})
        widest = max(len(unparse(n)) for n in (*dict(rest).values(), whole))
        if reads and not plain and widest > room:
            continue
        lets, result = [*lets[:index], *rest], whole
    return lets, result


def _cases(node: ast.expr) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Return each condition of a chain of them with its value, and at last what is left."""
    tests: list[ast.expr] = []
    while isinstance(node, ast.IfExp):
        if not any(same(node.test, test) for test in tests):
            tests.append(node.test)
            yield node.test, node.body
        node = node.orelse
    yield None, node


def _selects(selector: str, node: ast.expr, readers: Sequence[ast.expr]) -> bool:
    """Tell whether a name stands for one of several numbers that others compare it with."""
    if not isinstance(node, ast.IfExp) or not all(is_constant(v) for _, v in _cases(node)):
        return False
    compares = (n for r in readers for n in ast.walk(r) if isinstance(n, ast.Compare))
    return any(count(compare, selector) for compare in compares)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Return the parts of *node* that are worked out whatever a condition says."""
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
    """Return *node* with *by* in the place of its *part*."""

    class Replace(ast.NodeTransformer):
        def visit(self, found: ast.AST) -> Any:
            return by if found is part else self.generic_visit(found)

    return Replace().visit(node)  # type: ignore[no-any-return]
