"""What a binding gives to one argument of a constructor.

In JSON: a number, a Boolean, a string constant in single quotes, a formula over the recipe's
parameters and `base_lr`, or a list of such. A formula that is only a name may also be that of a
nested schedule or of a formula parameter, or `optimizer`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.schedule import Schedule, schedule_of

#: The name under which a binding hands on the optimizer.
OPTIMIZER = "optimizer"
_TEXT = re.compile(r"'([^'\\]*)'")


class Source:
    """Where the value of an argument, or of a parameter of another recipe, comes from."""


@dataclass(frozen=True)
class Constant(Source):
    """The same value for every recipe."""

    value: bool | float | str


@dataclass(frozen=True)
class Expression(Source):
    """A formula over the parameters of a recipe and `base_lr`."""

    formula: Formula

    @property
    def parameter(self) -> str | None:
        """The name that is the whole formula, None if it is more than a name."""
        return self.formula.tree.id if isinstance(self.formula.tree, ast.Name) else None


@dataclass(frozen=True)
class Items(Source):
    """A list of such."""

    items: tuple[Source, ...]


@dataclass(frozen=True)
class Substitution(Source):
    """A formula in t, in which the names of parameters are replaced by their values."""

    formula: Formula


class Template(Source):
    """Another recipe that has the same rates."""

    def __init__(self, kind: str, parameters: Mapping[str, Source]) -> None:
        self.kind, self.parameters = kind, parameters


def source_of(item: Any) -> Source:
    """Return the source of an argument that *item* of a JSON file states; raises `BadInput`."""
    match item:
        case bool() | int() | float():
            return Constant(item)
        case str():
            text = _TEXT.fullmatch(item)
            return Constant(text[1]) if text else Expression(parse(item))
        case list():
            return Items(tuple(map(source_of, item)))
    raise BadInput("$", item, "a number, a formula, a constant in single quotes, or a list")


def template_of(document: Any) -> Template:
    """Return the recipe that *document* of a JSON file states over the parameters of another."""
    if not isinstance(document, dict) or "schedule" not in document:
        raise BadInput("$", document, "a recipe over the parameters of this schedule")
    schedule = schedule_of(document["schedule"])
    given = {name: item for name, item in document.items() if name != "schedule"}
    unknown = next((name for name in given if name not in schedule.parameters), None)
    if unknown is not None:
        raise BadInput("$", unknown, f"a parameter of {schedule.kind}")
    return Template(schedule.kind, {n: _parameter(schedule, n, i) for n, i in given.items()})


def _parameter(schedule: Schedule, name: str, item: Any) -> Source:
    match schedule.parameters[name].type, item:
        case "formula", str():
            return Substitution(parse(item))
        case "schedules", list():
            return Items(tuple(map(_member, item)))
        case "schedule", _:
            return _member(item)
    return source_of(item)


def _member(item: Any) -> Source:
    return template_of(item) if isinstance(item, dict) else source_of(item)


def names_of(source: Source) -> frozenset[str]:
    """Return the names that *source* reads."""
    match source:
        case Expression(formula) | Substitution(formula):
            return formula.names
        case Items(items):
            return _names(items)
        case Template():
            return _names(tuple(source.parameters.values()))
    return frozenset()


def _names(sources: Sequence[Source]) -> frozenset[str]:
    return frozenset().union(*map(names_of, sources))
