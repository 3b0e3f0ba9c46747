"""Python source of nested calls, as a careful person writes it: one line, or one line an item."""

from __future__ import annotations

from collections.abc import Sequence

from lrspec.bindings.tree import Argument, Call, Function, Variable
from lrspec.errors import Unsupported
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.unparse import python_of

_WIDTH = 88


def render(value: Argument, indent: int = 0, before: int = 0) -> str:
    """Return the source of *value*, its first line after *before* characters.

    Lines after the first start at *indent*; a call or list that would pass the width is broken
    into one item a line. Raises `Unsupported` for a formula that is no plain Python expression.
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


def _flat(value: Argument) -> str:
    match value:
        case Variable(name):
            return name
        case Function(formula):
            return f"lambda t: {_plain(formula)}"
        case Call() | list() | tuple():
            opening, items, closing = _parts(value)
            written = ((f"{n}=" if n else "") + _flat(v) for n, v in items)
            return opening + ", ".join(written) + closing
    return repr(value).replace("'", '"')


def _parts(value: Call | Sequence[Argument]) -> tuple[str, Sequence[tuple[str, Argument]], str]:
    if isinstance(value, Call):
        named = [("" if n in value.positional else n, v) for n, v in value.arguments.items()]
        return f"{value.name}(", named, ")"
    return "[", [("", item) for item in value], "]"


def _plain(formula: Formula) -> str:
    python = python_of(formula)
    if python is None:
        raise Unsupported(f"no plain Python expression for the formula {formula.text}")
    return python
