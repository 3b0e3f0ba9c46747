"""From a described scheduler to a recipe: the call that would build it, compared with its rates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrspec.bindings.backend import Backend, packages
from lrspec.errors import BadInput, under
from lrspec.importers import Description, docstring
from lrspec.importers.continuation import continuing
from lrspec.importers.departure import departure
from lrspec.importers.lineage import lineage
from lrspec.importers.live_scheduler import Composition
from lrspec.importers.reading import recipe_of
from lrspec.importers.together import as_one
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.worker.copies import is_scheduler
from lrspec.worker.same_optimizer import describe_all, is_list


@dataclass(frozen=True)
class Read:
    """A recipe, with its position in `about` if that is not 0, and notes for the user.

    `backend` is the framework's, None for what is not one of its own classes. `ahead` are the
    scheduler's next rates, of which a copy was stepped: a row per step, after each of which it got
    one of `metrics` if it reads any. `departs` tells whether the last note is that they are not
    those of the recipe, or end in an error. `version` is the framework's, empty if it is unknown.
    `predicted_by` is the version whose dialect predicts these rates, None if the framework itself
    computed them. `own_classes` are the names of the user's classes with a `get_lr` of their own,
    by the factor that is read from it.
    """

    recipe: Recipe
    notes: tuple[str, ...] = ()
    backend: Backend | None = None
    ahead: Sequence[Sequence[float]] = ()
    departs: bool = False
    version: str = ""
    predicted_by: str | None = None
    metrics: Sequence[float] = ()
    own_classes: Mapping[Any, str] = field(default_factory=dict)


def of_object(scheduler: object) -> Read:
    """Return the recipe of a live scheduler, or of a list of them, which are not stepped.

    Raises `BadInput` that says what cannot be read and why.
    """
    if not is_scheduler(scheduler) and not is_list(scheduler):
        kind = scheduler if isinstance(scheduler, type) else type(scheduler)
        raise BadInput("scheduler", kind.__name__, "a scheduler, built")
    try:
        description = describe_all(scheduler, packages(), {})
    except ValueError as error:
        raise BadInput("scheduler", str(error), "schedulers of one optimizer") from error
    with under("scheduler"):
        return of_description(description)


def of_description(description: Description) -> Read:
    """Return the recipe that `describe.describe` described.

    Raises `BadInput`, its place an attribute's under `$`.
    """
    description, notes = as_one(description)
    source = lineage(description)
    if isinstance(source, Recipe):
        recipe, position = docstring.of_class(source, description)
        machine = recipe.schedule.machine
        held = {name: description["held"].get(name) for name in machine.state} if machine else {}
        return Read(_placed(recipe, position, held, description), (*notes,))
    backend, name = source
    version = description.get("version", "")
    if version:
        backend = backend.of(version)
    groups = description["groups"]
    scheduler = Composition(backend, groups).scheduler(description)
    recipe = recipe_of(scheduler)
    if recipe.base_lr is None and len(groups) > 1:
        recipe = recipe.with_base(*(group.get("initial_lr", group["lr"]) for group in groups))
    recipe = from_dict(recipe.to_dict())
    notes += scheduler.composition.notes
    departs = departure(recipe, description, scheduler.position, scheduler.state)
    if departs and (other := continuing(recipe, description, scheduler.position, backend)):
        began, recipe = recipe, other
        notes.append(_changed(began, recipe, scheduler.position))
        departs = departure(recipe, description, scheduler.position, scheduler.state)
    rejected = backend.bindings.class_of(name).rejected_if_different
    if departs and rejected:
        raise BadInput("$", f"{description['class']}: {departs}", f"no such rate: {rejected}")
    if departs:
        notes.append(f"{description['class']} departs from the specification: {departs}")
    elif description["raised"]:
        step = scheduler.position + len(description["ahead"])
        notes.append(f"{description['class']} raises {description['raised']} before step {step:g}")
    placed = _placed(recipe, scheduler.position, scheduler.state, description)
    differs = bool(departs or description["raised"])
    recipes = scheduler.composition.recipes.items()
    own = {r.given["factor"]: s.description["class"] for s, r in recipes if s.own_rates}
    return Read(
        placed,
        (*notes,),
        backend,
        description["ahead"],
        differs,
        version,
        metrics=description["metrics"],
        own_classes=own,
    )


def _changed(began: Recipe, recipe: Recipe, position: float) -> str:
    """Return a note that *recipe* has other base rates than *began*."""
    one, other = (", ".join(f"{base:.9g}" for base in each.bases) for each in (began, recipe))
    goes_on = f"from step {position:g} on the run goes on as with base_lr={other}"
    return f"the rate was changed from outside: {goes_on}; it began with {one}"


def _placed(
    recipe: Recipe, position: float, state: Mapping[str, Any], description: Description
) -> Recipe:
    """Return *recipe* with its position, and the state that a run continues from, in `about`."""
    if not position:
        return recipe
    about: dict[str, Any] = {"position": position}
    if state:
        numbers = {n: number for n, number in state.items() if isinstance(number, (int, float))}
        kept = {n: _finite(number) for n, number in numbers.items() if not math.isinf(number)}
        about["state"] = {**kept, "rate": description["ahead"][0]}
    return replace(recipe, about=about)


def _finite(number: float) -> float | None:
    """Return *number*, None for NaN: JSON has no NaN."""
    return None if math.isnan(number) else number
