"""A parameter of a schedule, as the schedule's file declares it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lrspec.errors import under
from lrspec.spec.formula.grammar import Formula, parse

_MAX_ITEMS = 10_000
_MAX_SCHEDULES = 1000
#: The largest number of parameter groups.
MAX_GROUPS = 1000


@dataclass(frozen=True)
class Type:
    """A type of parameters: a JSON value of the type `json`, or a list of such values.

    `max_items` is 0 where no list is allowed, `single` false where nothing else is. With
    `per_group`, a list has one value per parameter group. `noun` and
    `plural` are what a message calls one value and several.
    """

    json: str
    noun: str
    plural: str = ""
    single: bool = True
    min_items: int = 0
    max_items: int = 0
    maximum: int | None = None
    nullable: bool = False
    per_group: bool = False


_NUMBER = ("number", "a number", "numbers")
_INTEGER = ("integer", "a whole number", "whole numbers")
_METRIC = ("number", "a number or null", "numbers or nulls")
_RECIPE = ("object", "an object, a nested recipe", "nested recipes")
#: The types a parameter may have; "number_per_group" is the type of `base_lr`.
TYPES: dict[str, Type] = {
    "integer": Type(*_INTEGER, maximum=2**53),
    "number": Type(*_NUMBER, per_group=True),
    "number_per_group": Type(*_NUMBER, min_items=1, max_items=MAX_GROUPS),
    "boolean": Type("boolean", "true or false"),
    "choice": Type("string", "one of"),
    "formula": Type("string", "a formula of t in a string", per_group=True),
    "integers": Type(*_INTEGER, single=False, max_items=_MAX_ITEMS),
    "numbers": Type(*_NUMBER, single=False, min_items=1, max_items=_MAX_ITEMS),
    "metrics": Type(*_METRIC, single=False, min_items=1, max_items=_MAX_ITEMS, nullable=True),
    "schedule": Type(*_RECIPE),
    "schedules": Type(*_RECIPE, single=False, min_items=1, max_items=_MAX_SCHEDULES),
}
_PLAIN = ("type", "unit", "meaning", "default", "optional")
#: The bounds that a number may have: how a message words each, and what it requires.
BOUNDS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "minimum": ("of at least", operator.ge),
    "maximum": ("of at most", operator.le),
    "exclusiveMinimum": ("above", operator.gt),
    "exclusiveMaximum": ("below", operator.lt),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a schedule: its type, bounds, unit, meaning, and default if it has one.

    A default is a JSON value, or a formula over `base_lr` and the parameters before this one
    (`default_formula`).
    """

    name: str
    type: str
    unit: str
    meaning: str
    default: Any = None
    default_formula: Formula | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def nests(self) -> bool:
        """Return whether the values are recipes."""
        return TYPES[self.type].json == "object"

    @property
    def required(self) -> bool:
        """Return whether a recipe must give this parameter."""
        return self.default is None and self.default_formula is None and not self.optional

    @property
    def follows_base_lr(self) -> bool:
        """Return whether the default depends on the base rate."""
        return self.default_formula is not None and "base_lr" in self.default_formula.names

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The names by which a formula reads which choice was made, `<parameter>_is_<choice>`."""
        return tuple(f"{self.name}_is_{choice}" for choice in self.choices)


def parse_parameter(name: str, entry: Mapping[str, Any], readable: frozenset[str]) -> Parameter:
    """Return the parameter *name* that *entry* of a schedule's file declares.

    *readable* are the names that its default may read; raises `BadInput` where it reads others.
    """
    default = entry.get("default_formula")
    with under(f"$.parameters.{name}"):
        formula = None if default is None else parse(default, readable)
    plain = {key: entry[key] for key in _PLAIN if key in entry}
    bounds = {bound: entry[bound] for bound in BOUNDS if bound in entry}
    choices = tuple(entry.get("choices", ()))
    return Parameter(name, default_formula=formula, choices=choices, bounds=bounds, **plain)


def whole(steps: Any) -> Any:
    """Return whole numbers of steps as integers: 4.0 as 4."""
    if isinstance(steps, tuple):
        return tuple(map(whole, steps))
    return int(steps) if steps == int(steps) else steps
