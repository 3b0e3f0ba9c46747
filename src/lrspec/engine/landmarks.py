"""Landmarks, the steps of a recipe at which something happens, and the span that contains them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from lrspec.engine.timeline import timeline
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe


def landmarks(recipe: Recipe, horizon: int) -> Mapping[int, str]:
    """Return the landmarks from step 1 to step *horizon*, by step in increasing order."""
    names: dict[int, str] = {}
    for step, name in _landmarks(recipe, horizon):
        if 0 < step <= horizon:
            names.setdefault(step, name)
    return dict(sorted(names.items()))


def own_landmarks(recipe: Recipe, horizon: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the name and the steps of each landmark of *recipe* itself, without its members'."""
    values = {**recipe.values(1.0), "base_lr": 1.0, "horizon": horizon}
    for name, formula in recipe.schedule.landmarks.items():
        steps = value(formula, values)
        yield name, [math.ceil(s) for s in (steps if isinstance(steps, (list, tuple)) else [steps])]


def _landmarks(recipe: Recipe, horizon: int) -> Iterator[tuple[int, str]]:
    for name, steps in own_landmarks(recipe, horizon):
        yield from ((step, name) for step in steps)
    for part, member in timeline(recipe).members:
        for own, name in _landmarks(member, max(part.local(horizon), 0)):
            step = part.outer(own)
            if part.start < step and (part.stop is None or step < part.stop):
                yield step, name


def span(recipe: Recipe) -> int:
    """Return the number of steps that show the whole curve, or a few cycles of an endless one."""
    formula = recipe.schedule.span
    own = 0 if formula is None else math.ceil(value(formula, recipe.values(1.0)))
    members = timeline(recipe).members
    return max([own, *(part.start + part.stride * span(member) for part, member in members)])
