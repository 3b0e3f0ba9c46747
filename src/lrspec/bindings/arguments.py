"""What a binding gives to one argument of a constructor.

In JSON: a number, a Boolean, a string constant in single quotes, a formula over the recipe's
parameters and `base_lr`, or a list of such. A formula that is only a name may also be that of a
nested schedule or of a formula parameter, or `optimizer`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.schedule import schedule_of

#: The name by which a binding passes the optimizer.
OPTIMIZER = "optimizer"
_TEXT = re.compile(r"'([^'\\]*)'")


class Source:
    """The source of an argument: `value` is a constant, a formula, or a list of sources."""

    def __init__(self, item: Any) -> None:
        self.value: Any
        match item:
            case bool() | int() | float():
                self.value = item
            case str():
                text = _TEXT.fullmatch(item)
                self.value = text[1] if text else parse(item)
            case list():
                self.value = list(map(type(self), item))
            case _:
                expected = "a number, a formula, a constant in single quotes, or a list"
                raise BadInput("$", item, expected)

    @property
    def parameter(self) -> str:
        """The name that is the whole formula, empty for any other source."""
        match self.value:
            case Formula(tree=ast.Name(id=name)):
                return name
        return ""

    @property
    def names(self) -> frozenset[str]:
        """The names that its formulas read."""
        match self.value:
            case Formula(names=names):
                return names
            case list(parts):
                return frozenset().union(*(part.names for part in parts))
        return frozenset()

    @property
    def text(self) -> str:
        """Its formula, its list of formulas, or its constant in JSON."""
        match self.value:
            case Formula(text=text):
                return text
            case list(parts):
                return f"[{', '.join(part.text for part in parts)}]"
        return json.dumps(self.value)


def argument_of(arguments: Mapping[str, Source], parameter: str) -> str:
    """Return the argument that takes *parameter* or is computed from it, "" if there is none."""
    for name, source in arguments.items():
        if source.parameter == parameter:
            return name
    for name, source in arguments.items():
        if parameter in source.names:
            return f"{name} = {source.text}"
    return ""


class Template(Source):
    """Another recipe that has the same rates, or a part of one.

    The value of a recipe of the schedule `kind` maps its parameters to templates; a formula
    parameter is a formula in t, in which the names of this schedule's parameters are replaced by
    their values. The `kind` of any other part is empty.
    """

    def __init__(self, item: Any) -> None:
        self.kind = ""
        if not isinstance(item, dict):
            super().__init__(item)
            return
        if "schedule" not in item:
            raise BadInput("$", item, "a recipe over the parameters of this schedule")
        schedule = schedule_of(item["schedule"])
        self.kind = schedule.kind
        self.value = {name: Template(part) for name, part in item.items() if name != "schedule"}
        unknown = next((name for name in self.value if name not in schedule.parameters), None)
        if unknown is not None:
            raise BadInput("$", unknown, f"a parameter of {schedule.kind}")

    @property
    def names(self) -> frozenset[str]:
        """The names that its formulas read, the step `t` left out."""
        if not self.kind:
            return super().names - {"t"}
        return frozenset().union(*(part.names for part in self.value.values()))
