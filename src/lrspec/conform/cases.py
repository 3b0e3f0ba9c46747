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
    """One recipe, what it shows, over how many steps it is driven and how.

    Without `steps` the recipe tells its horizons; without `drives` every drive is tried.
    """

    id: str
    description: str
    recipe: Recipe
    steps: tuple[int, ...] | None = None
    drives: tuple[str, ...] | None = None


@cache
def cases() -> tuple[Case, ...]:
    """Return the suite's cases and the published recipes, in the order of their files."""
    root = data.root()
    found: list[Case] = []
    for path in sorted((root / "conformance" / "cases").glob("*.json")):
        found.extend(map(_from_entry, data.read_json(path)["cases"]))
    published = sorted(path.stem for path in (root / "spec" / "recipes").glob("*.json"))
    return (*found, *map(_published, published))


def _from_entry(entry: Mapping[str, Any]) -> Case:
    steps = tuple(entry["steps"]) if "steps" in entry else None
    drives = tuple(entry["drives"]) if "drives" in entry else None
    recipe = recipes.from_dict(entry["recipe"])
    return Case(entry["id"], entry["description"], recipe, steps, drives)


def _published(name: str) -> Case:
    recipe = recipes.load(name)
    about = recipe.about or {}
    steps = tuple(about["steps"]) if "steps" in about else None
    return Case(f"recipes/{name}", about.get("title", name), recipe, steps, ("stepwise", "jump"))


def case_of(source: str) -> Case:
    """Return a user's own recipe as a case."""
    return Case(source, "", recipes.load(source))
