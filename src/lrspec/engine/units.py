"""Units of time: the steps of a recipe are updates, or epochs of a loop that steps once per epoch.

If the rate changes only at landmarks, the two differ by a factor in every parameter of steps. Any
other curve, stepped once per epoch, is piecewise constant, and `epochwise` expresses that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput, under
from lrspec.spec.recipe import Recipe, from_dict


def in_updates(recipe: Recipe, updates_per_epoch: int) -> Recipe:
    """Return *recipe*, whose steps are epochs, with updates for steps.

    Update t has the rate of epoch floor(t / updates_per_epoch). Raises `BadInput` for a schedule
    that reads metrics, and for an epoch without updates.
    """
    count = _checked(updates_per_epoch)
    if count == 1:
        return recipe
    if _changes_at_landmarks_only(recipe):
        return from_dict(_converted(recipe, lambda step: math.ceil(step) * count))
    outermost, document = _split(recipe.to_dict())
    outermost.setdefault("base_lr", recipe.bases[0])  # optional only where the curve ignores it
    epochs = {"schedule": "epochwise", "updates_per_epoch": count, "in_epochs": document}
    return from_dict({**outermost, **epochs})


def in_epochs(recipe: Recipe, updates_per_epoch: int) -> Recipe:
    """Return *recipe* with epochs for steps: the schedule to step once per epoch.

    Its epoch e has the rate of the updates e · updates_per_epoch to the last before epoch e + 1.
    Raises `BadInput` if the rate changes within an epoch.
    """
    count = _checked(updates_per_epoch)
    if count == 1:
        return recipe
    outermost, _ = _split(recipe.to_dict())
    divided = from_dict({**outermost, **_divided(recipe, count)})
    return replace(divided, updates_per_step=count)


def _split(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the part of a recipe that only the outermost has, and the rest."""
    outermost = {name: document[name] for name in ("about", "base_lr") if name in document}
    return outermost, {name: entry for name, entry in document.items() if name not in outermost}


def _checked(count: int) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadInput("updates_per_epoch", count, "a whole number of updates, 1 or more")
    return count


def _changes_at_landmarks_only(recipe: Recipe) -> bool:
    if not recipe.schedule.document.get("stairs", False):
        return False
    in_epochs = timeline(recipe).kind == "epochs"
    return in_epochs or all(map(_changes_at_landmarks_only, recipe.members()))


def _divided(recipe: Recipe, count: int) -> dict[str, Any]:
    for part, member in timeline(recipe).members:
        if part.stride == count:
            return member.to_dict()
    if not recipe.schedule.document.get("stairs", False):
        expected = (
            f"a schedule that changes where an epoch of {count} updates begins and nowhere else"
        )
        raise BadInput("$.schedule", recipe.kind, expected)

    def divided(step: float) -> int:
        whole = math.ceil(step)
        if whole % count:
            raise BadInput("$", step, f"a multiple of the {count} updates of an epoch")
        return whole // count

    return _converted(recipe, divided, lambda member: _divided(member, count))


def _converted(
    recipe: Recipe,
    convert: Callable[[float], int],
    member: Callable[[Recipe], Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the document of *recipe* with every parameter of steps converted by *convert*.

    Members are converted likewise, or by *member*; the steps of a member in epochs stay epochs.
    """
    document = recipe.to_dict()
    nested = member or (lambda one: _converted(one, convert))
    in_epochs = timeline(recipe).kind == "epochs"
    for name, steps in {**recipe.given, **recipe.values(1.0)}.items():
        parameter = recipe.schedule.parameters.get(name)
        if parameter is None:
            continue
        with under(f"$.{name}"):
            if parameter.unit == "steps":
                document[name] = _each(convert, steps)
            elif parameter.nests and not in_epochs:
                document[name] = _each(nested, steps)
    return document


def _each(convert: Callable[[Any], Any], given: Any) -> Any:
    if not isinstance(given, tuple):
        return convert(given)
    converted = []
    for index, one in enumerate(given):
        with under(f"$[{index}]"):
            converted.append(convert(one))
    return converted
