"""A parameter of a schedule, as the schedule's file declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import Formula, parse

#: The types a parameter may have, each as a JSON Schema.
TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer", "maximum": 2**53},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "formula": {"type": "string", "minLength": 1},
    "integers": {"type": "array", "maxItems": 10000, "items": {"type": "integer"}},
    "numbers": {"type": "array", "maxItems": 10000, "items": {"type": "number"}},
    "metrics": {"type": "array", "maxItems": 10000, "items": {"type": ["number", "null"]}},
    "schedule": {"type": "object"},
    "schedules": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "object"}},
}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


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
    def required(self) -> bool:
        """Tell whether a recipe must give this parameter."""
        return self.default is None and self.default_formula is None and not self.optional

    @property
    def follows_base_lr(self) -> bool:
        """Tell whether the default is a rate that the base rate gives."""
        return self.default_formula is not None and "base_lr" in self.default_formula.names

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The names under which a formula asks which choice was made, `<parameter>_is_<choice>`."""
        return tuple(f"{self.name}_is_{choice}" for choice in self.choices)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this parameter's values."""
        schema = {**TYPES[self.type], "description": self.meaning}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.type in ("integers", "numbers"):
            schema["items"] = {**schema["items"], **self.bounds}
        elif self.bounds:
            schema.update(self.bounds)
        if self.type in ("numbers", "metrics"):
            schema["minItems"] = 1
        return schema


def declared(name: str, entry: Mapping[str, Any], before: frozenset[str]) -> Parameter:
    """Return the parameter *name* as *entry* of a schedule's file has it.

    *before* are the names that a default may read; raises `BadInput` where it reads others.
    """
    default = entry.get("default_formula")
    try:
        formula = None if default is None else parse(default, before)
    except BadInput as error:
        raise error.under(f"$.parameters.{name}") from error
    return Parameter(
        name=name,
        type=entry["type"],
        unit=entry["unit"],
        meaning=entry["meaning"],
        default=entry.get("default"),
        default_formula=formula,
        optional=entry.get("optional", False),
        choices=tuple(entry.get("choices", ())),
        bounds={bound: entry[bound] for bound in _BOUNDS if bound in entry},
    )
