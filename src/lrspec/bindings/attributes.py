"""How a constructor's argument is recovered from the attributes of a live object.

An attribute formula is a formula over the object's attributes, each without the underscores that
its name begins with: `total_size`, `schedulers[1]`, `schedule_phases[0].end_step`. `max_lrs[group]`
is the item of the current parameter group, and `group.lr` is an option of that group. Where the
object stores only what the constructor computed, an equation states that computation, with the
argument under its own name: `step_ratio = step_size_up / total_size`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.bindings.solving import check_solvable
from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.nodes import name

#: The name of the current parameter group: its index in `[group]`, its options in `group.lr`.
GROUP = "group"


@dataclass(frozen=True)
class Path:
    """An attribute, then the keys of mappings and indices of lists in it, one of them `GROUP`.

    `place` is the path as a message shows it.
    """

    keys: tuple[str | int, ...]
    place: str


class Computed:
    """A formula, and the path of each of its names; `place` is one of these for a message."""

    def __init__(self, text: str) -> None:
        try:
            expression = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise BadInput("$", text, "a formula over attributes") from error
        naming = _Naming()
        self.formula = parse(ast.unparse(naming.visit(expression)))
        self.paths = {n: naming.paths.get(n, Path((n,), n)) for n in self.formula.names}
        self.place = next((path.place for path in self.paths.values()), text)


class Attribute(Computed):
    """The recovery of one value: what the object stores, and how that was computed from the value.

    `computation` is None where the object stores the value itself. `table` maps the names that the
    object stores to values, where it stores a name in place of the value.
    """

    def __init__(self, item: Any) -> None:
        match item:
            case str():
                text, table = item, None
            case {"attribute": str(text), "values": dict(table), **rest} if not rest:
                pass
            case _:
                expected = "a formula over attributes, or an attribute and a table of values"
                raise BadInput("$", item, expected)
        stored, equals, computation = text.partition(" = ")
        self.table: Mapping[str, Any] | None = table
        super().__init__(stored)
        self.computation = Computed(computation) if equals else None

    def check(self, argument: str) -> None:
        """Raise `BadInput` where it is an equation that does not determine *argument*."""
        if self.computation is not None:
            check_solvable(self.computation.formula, argument)


class _Naming(ast.NodeTransformer):
    """Replaces each path, such as `a[0].b`, by a name that the formula language accepts."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, (ast.Attribute, ast.Subscript)):
            return super().visit(node)
        place = ast.unparse(node).replace(f"[{GROUP}]", "")
        path = f"path_{len(self.paths)}"
        self.paths[path] = Path(_keys(node), place)
        return name(path)


def _keys(node: ast.expr) -> tuple[str | int, ...]:
    match node:
        case ast.Name(id=attribute):
            return (attribute,)
        case ast.Attribute(value=outer, attr=key):
            return (*_keys(outer), key)
        case ast.Subscript(value=outer, slice=ast.Name(id=key)) if key == GROUP:
            return (*_keys(outer), GROUP)
        case ast.Subscript(value=outer, slice=ast.Constant(value=int(index))):
            return (*_keys(outer), index)
        case ast.Subscript(
            value=outer, slice=ast.UnaryOp(ast.USub(), ast.Constant(value=int(index)))
        ):
            return (*_keys(outer), -index)
    raise BadInput("$", ast.unparse(node), "an attribute, such as schedulers[1] or group.lr")
