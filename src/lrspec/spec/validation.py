"""The shape of a recipe: which parameters it has, of which types, within which bounds."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from lrspec.errors import BadInput
from lrspec.spec.schedule import Schedule

_RATE = {"type": "number", "exclusiveMinimum": 0}
BASE_LR = {
    "description": "the base rate, or one a parameter group",
    "oneOf": [_RATE, {"type": "array", "minItems": 1, "maxItems": 1000, "items": _RATE}],
}


def recipe_schema(schedule: Schedule, *, outermost: bool) -> dict[str, Any]:
    """Return the JSON Schema of one recipe object of *schedule*, nested recipes left open."""
    required = ["schedule", *(n for n, p in schedule.parameters.items() if p.required)]
    properties: dict[str, Any] = {"schedule": {"const": schedule.kind}}
    if outermost:
        properties |= {"base_lr": BASE_LR, "about": {"type": "object"}}
        required += ["base_lr"] if schedule.reads_base_lr else []
    properties |= {name: p.json_schema() for name, p in schedule.parameters.items()}
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def check_shape(document: Mapping[str, Any], schedule: Schedule, *, outermost: bool) -> None:
    """Raise `BadInput`, with the JSON path, where *document* is no recipe of *schedule*."""
    schema = recipe_schema(schedule, outermost=outermost)
    known = schema["properties"]
    for name in document:
        if name not in known:
            names = ", ".join(n for n in known if n not in ("schedule", "about"))
            raise BadInput(f"$.{str(name)[:40]}", "an unknown parameter", f"only {names}")
    for name in schema["required"]:
        if name not in document:
            wanted = schedule.parameters.get(name)
            meaning = wanted.meaning if wanted else BASE_LR["description"]
            raise BadInput(f"$.{name}", "nothing", f"a value: {meaning}")
    for name, found in document.items():
        if _not_finite(found):
            raise BadInput(f"$.{name}", found, "finite numbers")
        longest = known[name].get("maxItems", _LONGEST)
        if isinstance(found, (list, tuple)) and len(found) > longest:
            raise BadInput(f"$.{name}", f"{len(found)} items", f"at most {longest} items")
    errors = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda e: e.json_path)
    if errors:
        error = errors[0]
        raise BadInput(error.json_path, error.instance, _expectation(error))


def _not_finite(found: Any) -> bool:
    if isinstance(found, (list, tuple)):
        return any(_not_finite(item) for item in found)
    if isinstance(found, int):
        return abs(found) > sys.float_info.max
    return isinstance(found, float) and not math.isfinite(found)


_LONGEST = 1000
_EXPECTATIONS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} item",
    "maxItems": "at most {} items",
    "minLength": "at least {} character",
    "enum": "one of {}",
}
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a string",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _expectation(error: Any) -> str:
    wanted = error.validator_value
    if error.validator == "type":
        names = [wanted] if isinstance(wanted, str) else wanted
        return " or ".join(_TYPES[name] for name in names)
    if error.validator == "oneOf":
        return "a number above 0, or a list of them, one a parameter group"
    if error.validator == "enum":
        wanted = ", ".join(wanted)
    return _EXPECTATIONS[error.validator].format(wanted)
