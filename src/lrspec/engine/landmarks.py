"""Landmarks: the steps of a recipe at which something happens; and how long it takes to see all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe


def landmarks(recipe: Recipe, horizon: int) -> Mapping[int, str]:
    """Return the landmarks from 1 to *horizon*, step to words, in increasing order."""
    found: dict[int, str] = {}
    for step, words in _landmarks(recipe, horizon):
        if 0 < step <= horizon:
            found.setdefault(step, words)
    return dict(sorted(found.items()))


def _landmarks(recipe: Recipe, horizon: int) -> Iterator[tuple[int, str]]:
    values = {**recipe.values(1.0), "base_lr": 1.0, "horizon": horizon}
    for name, formula in recipe.schedule.landmarks.items():
        steps = value(formula, values)
        for step in steps if isinstance(steps, (list, tuple)) else [steps]:
            yield math.ceil(step), name
    starts, held = _starts(recipe), recipe.held()
    local = values.get("time", "local") == "local"
    for index, member in enumerate(recipe.members()):
        start = starts[index] if starts else 0
        stop = starts[index + 1] if starts and index + 1 < len(starts) else horizon + 1
        offset = start if local else 0
        for own, words in _landmarks(member, max(horizon - offset, 0) // held):
            step = offset + own * held
            if start < step < stop:
                yield step, words


def _starts(recipe: Recipe) -> list[int]:
    """Return the first step of each member of a composition in time, nothing for any other."""
    starts = recipe.starts()
    return starts[1:] if recipe.schedule.closed is not None else starts


def span(recipe: Recipe) -> int:
    """Return how many steps show all that the recipe does (a few cycles, where it never ends)."""
    formula = recipe.schedule.span
    own = 0 if formula is None else math.ceil(value(formula, recipe.values(1.0)))
    starts = _starts(recipe)
    members = recipe.members()
    offsets = starts or [0] * len(members)
    held = recipe.held()
    ends = [start + held * span(member) for start, member in zip(offsets, members, strict=False)]
    return max([own, *ends])
