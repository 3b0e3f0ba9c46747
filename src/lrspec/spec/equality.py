"""Whether two recipes mean the same, however they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrspec.spec.recipe import Recipe


def normalized(recipe: Recipe) -> Recipe:
    """Return *recipe* with every default given, and without what is said about it.

    Two recipes mean the same if their normalized forms are equal.
    """
    values = [recipe.values(base) for base in recipe.bases]
    given: dict[str, Any] = {name: tuple(v[name] for v in values) for name in values[0]}
    for name, entry in recipe.given.items():
        if isinstance(entry, Recipe):
            given[name] = normalized(entry)
        elif isinstance(entry, tuple):
            given[name] = tuple(normalized(e) if isinstance(e, Recipe) else e for e in entry)
    return replace(recipe, given=given, about=None)
