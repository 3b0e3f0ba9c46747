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
    if recipe.dialect is None and _changes_at_landmarks_only(recipe):
        return from_dict(_converted(recipe, lambda step: math.ceil(step) * count))
    nested = replace(recipe.specified, base_lr=None, about=None).to_dict()
    epochs = {"schedule": "epochwise", "updates_per_epoch": count, "in_epochs": nested}
    whole = from_dict({"base_lr": list(recipe.bases), **epochs})
    return replace(whole, single=recipe.single, about=recipe.about, dialect=recipe.dialect)


def in_epochs(recipe: Recipe, updates_per_epoch: int) -> Recipe:
    """Return *recipe* with epochs for steps: the schedule to step once per epoch.

    Its epoch e has the rate of the updates e · updates_per_epoch to the last before epoch e + 1.
    Raises `BadInput` if the rate changes within an epoch.
    """
    count = _checked(updates_per_epoch)
    if count == 1:
        return recipe
    if recipe.dialect is not None and timeline(recipe).kind != "epochs":
        expected = "the rates of a scheduler that is stepped once per epoch"
        raise BadInput("$.dialect", str(recipe.dialect), expected)
    divided = from_dict({"base_lr": list(recipe.bases), **_divided(recipe.specified, count)})
    kept = {name: getattr(recipe, name) for name in ("base_lr", "single", "about", "dialect")}
    return replace(divided, updates_per_step=count, **kept)


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
        where = f"where an epoch of {count} updates begins and nowhere else"
        raise BadInput("$.schedule", recipe.kind, f"a schedule that changes {where}")

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
    values = {**recipe.given, **recipe.values(1.0)}
    parameters = recipe.schedule.parameters.items()
    for name, parameter in sorted(parameters, key=lambda item: item[1].nests):  # own steps first
        with under(f"$.{name}"):
            if parameter.unit == "steps":
                document[name] = _each(convert, values[name])
            elif parameter.nests and name in values and not in_epochs:
                document[name] = _each(nested, values[name])
    return document


def _each(convert: Callable[[Any], Any], given: Any) -> Any:
    if not isinstance(given, tuple):
        return convert(given)
    converted = []
    for index, one in enumerate(given):
        with under(f"$[{index}]"):
            converted.append(convert(one))
    return converted
