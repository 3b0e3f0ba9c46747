"""Statements: the lines of a function body that compute named values and a result."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrspec.codegen.comments import WIDTH
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import count, name, same
from lrspec.spec.formula.unparse import unparse

#: A name and its value. In a block of several, in the order in which they are computed, the value
#: of the last one is the result, and its name is not used.
Let = tuple[str, ast.expr]
RETURN = "return "


@dataclass
class Body:
    """The lines of a function's body, built up in order.

    `definitions` are what the lines need outside the function, by name: helpers and long lists.
    """

    lines: list[str] = field(default_factory=list)
    definitions: dict[str, list[str]] = field(default_factory=dict)
    _parts: int = 0

    def reads(self, wanted: str) -> bool:
        """Return whether a line contains the name *wanted*."""
        return any(re.search(rf"\b{wanted}\b", line) for line in self.lines)

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

    def assign(self, lets: Sequence[Let], indent: int) -> None:
        """Write an assignment for each of *lets*."""
        for target, node in lets:
            self.put(f"{target} = ", node, indent)

    def block(self, lets: Sequence[Let], sink: str, indent: int) -> None:
        """Write *lets* and what *sink*, `return` or `name =`, does with their result."""
        lets = _inlined(lets, WIDTH - indent - len(sink))
        for index, (target, node) in enumerate(lets):
            if _selects(target, node, lets[index + 1 :]):
                self._split(lets, index, sink, indent)
                return
        self.assign(lets[:-1], indent)
        self.put(sink, lets[-1][1], indent)

    def _split(self, lets: Sequence[Let], index: int, sink: str, indent: int) -> None:
        """Write a block for each value of the name at *index*, which only selects a case."""
        selector, node = lets[index]
        before = needed(lets[:index], node)
        self.assign(before, indent)
        rest = [let for let in lets if let not in (*before, lets[index])]
        for number, (test, value) in enumerate(_cases(node)):
            inner = self.case(test, number, sink, indent)
            self.block(substituted(rest, {selector: value}), sink, inner)

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
        too_long = indent + len(sink) + len(text) > WIDTH
        if too_long and isinstance(node, ast.IfExp):
            for number, (test, value) in enumerate(_cases(node)):
                self.put(sink, value, self.case(test, number, sink, indent))
            return
        parts = _parts(node) if too_long else []
        if not parts:
            self.line(sink + text, indent)
            return
        part = max(parts, key=lambda part: len(unparse(part)))
        self._parts += 1
        target = f"part_{self._parts}"
        self.put(f"{target} = ", part, indent)
        self.put(sink, _replaced(node, part, name(target)), indent)


def substituted(
    lets: Sequence[Let],
    names: Mapping[str, ast.expr],
    functions: Mapping[str, ast.expr] | None = None,
) -> list[Let]:
    """Return *lets* with the nodes of *names* and *functions* in their places, simplified."""
    return [(target, substitute(node, names, functions)) for target, node in lets]


def needed(lets: Sequence[Let], result: ast.expr) -> list[Let]:
    """Return those of *lets* that *result* reads, and what they read."""
    read: list[Let] = []
    for target, node in reversed(lets):
        if any(count(reader, target) for reader in (result, *(node for _, node in read))):
            read.insert(0, (target, node))
    return read


def _inlined(lets: Sequence[Let], width: int) -> list[Let]:
    """Return *lets*, inlined except what is read twice or would exceed *width*."""
    kept = list(lets)
    for index in reversed(range(len(lets) - 1)):
        (target, node), rest = kept[index], kept[index + 1 :]
        reads = sum(count(reader, target) for _, reader in rest)
        plain = isinstance(node, (ast.Constant, ast.Name))
        if (reads > 1 and not plain) or _selects(target, node, rest):
            continue
        rest = substituted(rest, {target: node})
        if plain or not reads or all(len(unparse(reader)) <= width for _, reader in rest):
            kept[index:] = rest
    return kept


def _cases(node: ast.expr) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Yield each test of a chain of conditions with its value, and last None with the rest."""
    tests: list[ast.expr] = []
    while isinstance(node, ast.IfExp):
        if not any(same(node.test, test) for test in tests):
            tests.append(node.test)
            yield node.test, node.body
        node = node.orelse
    yield None, node


def _selects(selector: str, node: ast.expr, readers: Sequence[Let]) -> bool:
    """Return whether *selector* is one of several constants that *readers* compare it with."""
    if not isinstance(node, ast.IfExp):
        return False
    compares = (n for _, r in readers for n in ast.walk(r) if isinstance(n, ast.Compare))
    constants = all(isinstance(value, ast.Constant) for _, value in _cases(node))
    return constants and any(count(compare, selector) for compare in compares)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the parts of *node* that are computed unconditionally."""
    parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    if isinstance(node, (ast.IfExp, ast.BoolOp)):
        parts = parts[:1]
    return [part for part in parts if not isinstance(part, (ast.Constant, ast.Name, ast.List))]


def _replaced(node: ast.expr, part: ast.expr, by: ast.expr) -> ast.expr:
    """Return *node* with its *part* replaced by *by*."""

    class Replace(ast.NodeTransformer):
        def visit(self, inner: ast.AST) -> Any:
            return by if inner is part else self.generic_visit(inner)

    return Replace().visit(node)  # type: ignore[no-any-return]
