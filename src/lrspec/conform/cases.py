"""Cases: the recipes that a conformance run drives, each under a permanent id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lrspec import data
from lrspec.truth import recipe as recipes
from lrspec.truth.recipe import Recipe


@dataclass(frozen=True)
class Case:
    """One recipe, what it shows, and how many steps it is driven (None: from the recipe)."""

    id: str
    description: str
    recipe: Recipe
    steps: tuple[int, ...] | None = None


@cache
def cases() -> tuple[Case, ...]:
    """Return the suite's cases and the published recipes, in the order of their files."""
    root = data.root()
    found: list[Case] = []
    for path in sorted((root / "conformance" / "cases").glob("*.json")):
        found.extend(map(_from_entry, data.read_json(path)["cases"]))
    for path in sorted((root / "spec" / "recipes").glob("*.json")):
        found.append(_published(path.stem))
    return tuple(found)


def _from_entry(entry: Mapping[str, Any]) -> Case:
    steps = tuple(entry["steps"]) if "steps" in entry else None
    return Case(entry["id"], entry["description"], recipes.from_dict(entry["recipe"]), steps)


def _published(name: str) -> Case:
    recipe = recipes.load(name)
    about = recipe.about or {}
    steps = tuple(about["steps"]) if "steps" in about else None
    return Case(f"recipes/{name}", about.get("title", name), recipe, steps)


def case_of(source: str) -> Case:
    """Return a user's own recipe as a case."""
    return Case(source, "", recipes.load(source))
