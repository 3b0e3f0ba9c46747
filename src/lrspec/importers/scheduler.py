"""From a described scheduler to a recipe: the call that would build it, held to its rates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lrspec.bindings.backend import Backend, packages
from lrspec.bindings.reading import read
from lrspec.bindings.tree import LiveFunction, the_same
from lrspec.errors import BadInput
from lrspec.importers import docstring
from lrspec.importers.instances import Instances
from lrspec.importers.lineage import Description, lineage
from lrspec.importers.python_function.formula import formula_of
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.worker import describe


@dataclass(frozen=True)
class Read:
    """A recipe, with its position in `about` where it has one, and what a person should know."""

    recipe: Recipe
    notes: tuple[str, ...] = ()


def of_object(scheduler: object) -> Read:
    """Return the recipe of a live scheduler, which is not stepped.

    Raises `BadInput` that says what cannot be read and why.
    """
    if isinstance(scheduler, type) or not describe.is_scheduler(scheduler):
        kind = scheduler if isinstance(scheduler, type) else type(scheduler)
        raise BadInput("scheduler", kind.__name__, "a scheduler, built")
    try:
        return of_description(describe.describe(scheduler, packages()))
    except BadInput as error:
        raise error.under("scheduler") from error


def of_description(description: Description) -> Read:
    """Return the recipe that `describe.describe` described.

    Raises `BadInput`, its place an attribute's under `$`.
    """
    line = lineage(description)
    if line.claim is not None:
        recipe, position = docstring.of_class(line.claim, description)
        machine = recipe.schedule.machine
        held = {name: description["held"].get(name) for name in machine.state} if machine else {}
        return Read(_placed(recipe, position, _state(held, description)))
    assert line.backend is not None  # noqa: S101 - only a claim has none
    instances = Instances(line.backend, description["groups"])
    instance = instances.of(description)
    found = read(instance, line.backend, partial(_interpreted, line.backend))
    recipe = from_dict(_based(found, description["groups"]).to_dict())
    notes = instances.notes
    ahead = docstring.Ahead.of(description, instance.position, instance.state)
    departs = docstring.departure(recipe, ahead)
    rejected = line.backend.bindings.class_of(instance.name).rejected_if_different
    if departs and rejected:
        raise BadInput("$", f"{description['class']}: {departs}", f"no such rate: {rejected}")
    if departs:
        notes.append(f"{description['class']} departs from the specification: {departs}")
    elif description["raised"]:
        step = instance.position + len(description["ahead"])
        notes.append(f"{description['class']} raises {description['raised']} before step {step:g}")
    return Read(_placed(recipe, instance.position, _state(instance.state, description)), (*notes,))


def _interpreted(
    backend: Backend,
    functions: Sequence[LiveFunction],
    bases: Sequence[float] | None,
) -> str | Recipe:
    """Return the recipe that *functions* claim where they are those of a rate, or their formula."""
    place = functions[0].place
    described = [function.described for function in functions]
    if bases is not None:
        factors = backend.groups == "factors"
        claim = docstring.of_functions(described, bases, place, factors=factors)
        if claim is not None:
            return claim
    return str(the_same([formula_of(function, place) for function in described]))


def _based(recipe: Recipe, groups: Sequence[Mapping[str, Any]]) -> Recipe:
    """Return *recipe* with the groups' rates where it has none and there are several groups."""
    if recipe.base_lr is None and len(groups) > 1:
        return recipe.with_base(*(group.get("initial_lr", group["lr"]) for group in groups))
    return recipe


def _state(state: Mapping[str, Any], description: Description) -> dict[str, Any]:
    """Return what a run goes on with, and its rates; nothing where there is no such state."""
    if not state:
        return {}
    finite = {name: number for name, number in state.items() if _is_finite(number)}
    return {**finite, "rate": description["ahead"][0]}


def _placed(recipe: Recipe, position: float, state: Mapping[str, Any]) -> Recipe:
    """Return *recipe* with its position, and the state that a run goes on with, in `about`."""
    if not position:
        return recipe
    about = {"position": position, **({"state": dict(state)} if state else {})}
    return replace(recipe, about=about)


def _is_finite(number: Any) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number)
