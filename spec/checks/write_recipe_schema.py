"""The schema of recipes, generated from the schedules."""

from __future__ import annotations

import json
from typing import Any

from lrspec import resources
from lrspec.spec.schedule import schedules
from lrspec.spec.validation import recipe_schema

PATH = resources.root() / "spec" / "schema" / "recipe.schema.json"


def document() -> dict[str, Any]:
    """Return the schema of recipes: one branch a schedule, nested recipes by reference."""
    branches = {kind: recipe_schema(s, outermost=True) for kind, s in schedules().items()}
    nested = {kind: recipe_schema(s, outermost=False) for kind, s in schedules().items()}
    for schemas in (branches, nested):
        for kind, schema in schemas.items():
            for name, parameter in schedules()[kind].parameters.items():
                inner = {"$ref": "#/$defs/nested"}
                if parameter.type == "schedule":
                    schema["properties"][name] |= inner
                elif parameter.type == "schedules":
                    schema["properties"][name]["items"] = inner
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lrspec:schema:recipe",
        "title": "A recipe",
        "description": "A schedule with its numbers. Written from spec/schedules/.",
        "type": "object",
        "required": ["schedule"],
        "oneOf": list(branches.values()),
        "$defs": {"nested": {"type": "object", "oneOf": list(nested.values())}},
    }


def text() -> str:
    """Return the text of the file."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
