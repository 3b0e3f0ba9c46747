"""Units of time: recipes count updates, a loop that steps its scheduler once an epoch does not.

Where the rate changes at landmarks alone, a recipe in epochs and one in updates differ by a factor
in every parameter of steps. Any other curve turns into stairs, which `epochwise` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict

_Turn = Callable[[str, Any], Any]
_OUTERMOST = ("about", "base_lr")


def in_updates(recipe: Recipe, updates_per_epoch: int) -> Recipe:
    """Return what *recipe* is in updates, if its steps are epochs of so many updates each.

    Update t has the rate of epoch floor(t / updates_per_epoch). Raises `BadInput` for a schedule
    that cannot be held, and for an epoch without updates.
    """
    count = _checked(updates_per_epoch)
    if count == 1:
        return recipe
    if _stairs(recipe):
        return from_dict(_turned(recipe, lambda _, step: math.ceil(step) * count))
    document = recipe.to_dict()
    outermost = {name: document.pop(name) for name in _OUTERMOST if name in document}
    outermost.setdefault("base_lr", recipe.bases[0])  # which a curve of its own rates can leave out
    held = {"schedule": "epochwise", "updates_per_epoch": count, "in_epochs": document}
    return from_dict({**outermost, **held})


def in_epochs(recipe: Recipe, updates_per_epoch: int) -> Recipe:
    """Return what *recipe* is in epochs: the schedule to step once in so many updates.

    Its epoch e has the rate of every update from e · updates_per_epoch on, to the next epoch.
    Raises `BadInput` where the rate changes within an epoch.
    """
    count = _checked(updates_per_epoch)
    if count == 1:
        return recipe
    found = _divided(recipe, count)
    outermost = {name: part for name, part in recipe.to_dict().items() if name in _OUTERMOST}
    return replace(from_dict({**outermost, **found}), updates_per_step=count)


def _checked(count: int) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadInput("updates_per_epoch", count, "a whole number of updates, 1 or more")
    return count


def _stairs(recipe: Recipe) -> bool:
    """Tell whether the rate changes at landmarks alone."""
    own = bool(recipe.schedule.document.get("stairs", False))
    return own and (_is_held(recipe) or all(map(_stairs, recipe.members())))


def _is_held(recipe: Recipe) -> bool:
    """Tell whether the members of *recipe* count something else than updates."""
    return (recipe.schedule.composition or {}).get("operator") == "held"


def _divided(recipe: Recipe, count: int) -> dict[str, Any]:
    if _is_held(recipe) and recipe.held() == count:
        return recipe.members()[0].to_dict()
    if not recipe.schedule.document.get("stairs", False):
        expected = (
            f"a schedule that changes where an epoch of {count} updates begins and nowhere else"
        )
        raise BadInput("$.schedule", recipe.kind, expected)

    def divided(place: str, step: Any) -> int:
        whole: int = math.ceil(step)
        if whole % count:
            raise BadInput(place, step, f"a multiple of the {count} updates of an epoch")
        return whole // count

    return _turned(recipe, divided, lambda member: _divided(member, count))


def _turned(
    recipe: Recipe, turn: _Turn, member: Callable[[Recipe], Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the document of *recipe* with every step, by its place, turned by *turn*.

    The members are turned likewise, or by *member*; a member that is held counts its own epochs.
    """
    document = recipe.to_dict()
    values = recipe.values(1.0)
    for name, parameter in recipe.schedule.parameters.items():
        if parameter.unit == "steps":
            document[name] = _each(partial(turn, f"$.{name}"), values[name])
    if _is_held(recipe):
        return document
    follow = member or (lambda one: _turned(one, turn))
    for name, given in recipe.given.items():
        if isinstance(given, Recipe):
            document[name] = _placed(f"$.{name}", follow, given)
        elif isinstance(given, tuple) and given and isinstance(given[0], Recipe):
            document[name] = [_placed(f"$.{name}[{i}]", follow, one) for i, one in enumerate(given)]
    return document


def _placed(
    place: str, follow: Callable[[Recipe], Mapping[str, Any]], member: Recipe
) -> Mapping[str, Any]:
    try:
        return follow(member)
    except BadInput as error:
        raise error.under(place) from error


def _each(turn: Callable[[Any], Any], steps: Any) -> Any:
    return list(map(turn, steps)) if isinstance(steps, tuple) else turn(steps)
