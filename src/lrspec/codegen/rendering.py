"""Python source of nested calls, on one line or one line per item."""

from __future__ import annotations

from lrspec.bindings.tree import Argument, Call, Function, Variable
from lrspec.errors import Unsupported
from lrspec.spec.formula.unparse import python_of

#: The width of a line of calls or imports.
CALL_WIDTH = 88


def render(value: Argument, indent: int = 0, before: int = 0) -> str:
    """Return the source of *value*, its first line after *before* characters.

    Lines after the first start at *indent*; a call or list that would exceed the width is broken
    into one item per line. Raises `Unsupported` for a formula that is no plain Python expression.
    """
    match value:
        case Variable(name):
            return name
        case Function(formula):
            python = python_of(formula)
            if python is None:
                raise Unsupported(f"no plain Python expression for the formula {formula.text}")
            return f"lambda t: {python}"
        case Call():
            opening, closing = f"{value.name}(", ")"
            items = [
                ("" if name in value.positional else f"{name}=", item)
                for name, item in value.arguments.items()
            ]
        case list() | tuple():
            opening, closing = "[", "]"
            items = [("", item) for item in value]
        case _:
            return repr(value).replace("'", '"')
    flat = opening + ", ".join(name + render(item) for name, item in items) + closing
    if before + len(flat) < CALL_WIDTH:
        return flat
    inner = indent + 4
    lines = [
        f"{' ' * inner}{name}{render(item, inner, inner + len(name) + 1)}," for name, item in items
    ]
    return "\n".join([opening, *lines, " " * indent + closing])
