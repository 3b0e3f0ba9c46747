"""Python source of nested calls, as a careful person writes it: a line, or a line an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_WIDTH = 88


@dataclass(frozen=True)
class Text:
    """A piece of source that is written as it stands."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of a framework's class; its arguments are values, texts, calls or lists of them."""

    name: str
    positional: tuple[Any, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)


def classes(value: Any) -> set[str]:
    """Return the names of all classes that *value* calls."""
    if isinstance(value, Call):
        inner = [*value.positional, *value.arguments.values()]
        return {value.name}.union(*map(classes, inner))
    if isinstance(value, (list, tuple)):
        return set().union(*map(classes, value))
    return set()


def render(value: Any, indent: int = 0, before: int = 0) -> str:
    """Return the source of *value*, its first line after *before* characters.

    Lines after the first start at *indent*; a call or list that would pass the width is broken
    into one item a line.
    """
    flat = _flat(value)
    if before + len(flat) < _WIDTH or not isinstance(value, (Call, list, tuple)):
        return flat
    opening, items, closing = _parts(value)
    inner = indent + 4
    lines = [opening]
    for name, item in items:
        lead = f"{name}=" if name else ""
        text = render(item, inner, inner + len(lead) + 1)
        lines.append(f"{' ' * inner}{lead}{text},")
    return "\n".join([*lines, " " * indent + closing])


def _flat(value: Any) -> str:
    if isinstance(value, Text):
        return value.text
    if isinstance(value, (Call, list, tuple)):
        opening, items, closing = _parts(value)
        return opening + ", ".join((f"{n}=" if n else "") + _flat(v) for n, v in items) + closing
    return repr(value).replace("'", '"')


def _parts(value: Any) -> tuple[str, Sequence[tuple[str, Any]], str]:
    if isinstance(value, Call):
        unnamed = [("", item) for item in value.positional]
        return f"{value.name}(", [*unnamed, *value.arguments.items()], ")"
    return "[", [("", item) for item in value], "]"
