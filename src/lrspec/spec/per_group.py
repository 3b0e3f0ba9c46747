"""Parameters with one value per parameter group: a tuple where a number or a formula may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from lrspec.errors import BadInput
from lrspec.spec.parameter import TYPES

#: `spec.recipe.Recipe`, whose module imports this one.
Recipe: TypeAlias = Any


def is_per_group(recipe: Recipe, name: str) -> bool:
    """Return whether the parameter *name* of *recipe* has one value per parameter group."""
    parameter = recipe.schedule.parameters.get(name)
    several = parameter is not None and TYPES[parameter.type].per_group
    return several and isinstance(recipe.given.get(name), tuple)


def counts(recipe: Recipe) -> frozenset[int]:
    """Return the numbers of values of such parameters, those of the members among them."""
    own = {len(given) for name, given in recipe.given.items() if is_per_group(recipe, name)}
    return frozenset(own.union(*(counts(member) for member in recipe.members())))


def of_group(recipe: Recipe, index: int, base: float | None = None) -> Recipe:
    """Return the recipe of the parameter group *index* alone, with the rate *base*."""

    def value(name: str, given: Any) -> Any:
        if isinstance(given, tuple) and not is_per_group(recipe, name):
            return tuple(map(member, given))
        return given[index] if isinstance(given, tuple) else member(given)

    def member(given: Any) -> Any:
        nests = hasattr(given, "schedule")
        return of_group(given, index) if nests else given

    given: Mapping[str, Any] = recipe.given
    if recipe.group_counts:
        given = {name: value(name, item) for name, item in given.items()}
    bases = None if recipe.base_lr is None or base is None else (base,)
    return replace(recipe, given=given, base_lr=bases, single=True)


def with_base_rates(recipe: Recipe) -> Recipe:
    """Return *recipe* with one base rate per group, if a parameter has one value per group.

    Raises `BadInput` where the numbers of values differ.
    """
    found = recipe.group_counts
    if not found:
        return recipe
    if recipe.base_lr is not None and not recipe.single:
        found |= {len(recipe.base_lr)}
    if len(found) > 1:
        lengths = " and ".join(map(str, sorted(found)))
        raise BadInput("$", f"lists of {lengths} values", "one value per parameter group in each")
    bases = recipe.base_lr and (recipe.base_lr * max(found) if recipe.single else recipe.base_lr)
    return replace(recipe, base_lr=bases, single=False)
