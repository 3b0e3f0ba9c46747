"""The schema of recipes, generated from the schedules."""

from __future__ import annotations

import json
from typing import Any

from lrspec import resources
from lrspec.spec.origin import DIALECT
from lrspec.spec.parameter import TYPES, Parameter
from lrspec.spec.schedule import Schedule, schedules
from lrspec.spec.validation import BASE_LR

PATH = resources.root() / "spec" / "schema" / "recipe.schema.json"


def document() -> dict[str, Any]:
    """Return the schema of recipes: one branch per schedule, nested recipes by reference."""
    branches = [recipe_schema(s, outermost=True) for s in schedules().values()]
    nested = [recipe_schema(s, outermost=False) for s in schedules().values()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lrspec:schema:recipe",
        "title": "A recipe",
        "description": "A schedule with its numbers. Written from spec/schedules/.",
        "type": "object",
        "required": ["schedule"],
        "oneOf": branches,
        "$defs": {"nested": {"type": "object", "oneOf": nested}, "dialect": dialect_schema()},
    }


def dialect_schema() -> dict[str, Any]:
    """Return the schema of the framework whose rates a recipe means."""
    types = DIALECT.items()
    return {
        "type": "object",
        "required": [name for name, (json_type, _) in types if json_type == "string"],
        "properties": {n: {"type": t, "description": meaning} for n, (t, meaning) in types},
        "additionalProperties": False,
    }


def recipe_schema(schedule: Schedule, *, outermost: bool) -> dict[str, Any]:
    """Return the schema of the recipes of one schedule; only the outermost has base rates."""
    required = ["schedule", *(n for n, p in schedule.parameters.items() if p.required)]
    properties: dict[str, Any] = {"schedule": {"const": schedule.kind}}
    if outermost:
        properties |= {
            "base_lr": parameter_schema(BASE_LR),
            "about": {"type": "object"},
            "dialect": {"$ref": "#/$defs/dialect"},
        }
        required += ["base_lr"] if schedule.reads_base_lr else []
    properties |= {name: parameter_schema(p) for name, p in schedule.parameters.items()}
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the schema of a parameter's values."""
    type_ = TYPES[parameter.type]
    item: dict[str, Any] = {"type": [type_.json, "null"] if type_.nullable else type_.json}
    if type_.maximum is not None:
        item["maximum"] = type_.maximum
    if type_.json == "object":
        item["$ref"] = "#/$defs/nested"
    if parameter.type == "formula":
        item["minLength"] = 1
    if parameter.choices:
        item["enum"] = list(parameter.choices)
    item |= parameter.bounds
    items = {"type": "array", "minItems": type_.min_items, "maxItems": type_.max_items}
    several = {**items, "items": item}
    description = {"description": parameter.meaning}
    if type_.single and type_.max_items:
        return {**description, "oneOf": [item, several]}
    return {**(item if type_.single else several), **description}


def text() -> str:
    """Return the text of the file."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
