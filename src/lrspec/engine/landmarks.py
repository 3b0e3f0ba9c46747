"""Landmarks, the steps of a recipe at which something happens, and the span that contains them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from lrspec.engine.timeline import timeline
from lrspec.spec.formula.breaks import Breaks, breaks
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe

#: The landmarks that a recipe's own formula has, and what happens there.
_BREAK = ("break", "the formula changes its rule")


def landmarks(recipe: Recipe, horizon: int) -> Mapping[int, str]:
    """Return the landmarks from step 1 to step *horizon*, by step in increasing order."""
    return {step: name for step, (name, _) in _in_order(recipe, horizon)}


def described_landmarks(recipe: Recipe, horizon: int) -> Mapping[int, str]:
    """Return what happens at each of the `landmarks`, by step in increasing order."""
    return {step: words for step, (_, words) in _in_order(recipe, horizon)}


def _in_order(recipe: Recipe, horizon: int) -> list[tuple[int, tuple[str, str]]]:
    found: dict[int, tuple[str, str]] = {}
    for step, name, words in _landmarks(recipe, horizon):
        if 0 < step <= horizon:
            found.setdefault(step, (name, words))
    return sorted(found.items())


def own_landmarks(recipe: Recipe, horizon: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the name and the steps of each landmark of *recipe* itself, without its members'."""
    values = {**recipe.values(1.0), "base_lr": 1.0, "horizon": horizon}
    for name, formula in recipe.schedule.landmarks.items():
        steps = value(formula, values)
        yield name, [math.ceil(s) for s in (steps if isinstance(steps, (list, tuple)) else [steps])]


def formula_breaks(recipe: Recipe) -> list[Breaks]:
    """Return the breaks of the formulas that *recipe* itself has as parameters, of all groups."""
    if not any(parameter.type == "formula" for parameter in recipe.schedule.parameters.values()):
        return []
    return [breaks(f) for group in recipe.groups() for f in group.formulas().values()]


def _landmarks(recipe: Recipe, horizon: int) -> Iterator[tuple[int, str, str]]:
    for name, steps in own_landmarks(recipe, horizon):
        words = recipe.schedule.document["landmarks"][name]["words"]
        yield from ((step, name, words) for step in steps)
    for found in formula_breaks(recipe):
        yield from ((step, *_BREAK) for step in found.until(horizon))
    for part, member in timeline(recipe).members:
        for own, name, words in _landmarks(member, max(part.local(horizon), 0)):
            step = part.outer(own)
            if part.start < step and (part.stop is None or step < part.stop):
                yield step, name, words


def span(recipe: Recipe) -> int:
    """Return the number of steps that show the whole curve, or a few cycles of an endless one."""
    formula = recipe.schedule.span
    own = 0 if formula is None else math.ceil(value(formula, recipe.values(1.0)))
    members = timeline(recipe).members
    spans = [part.start + part.stride * span(member) for part, member in members]
    return max([own, *(found.span for found in formula_breaks(recipe)), *spans])


def end_is_known(recipe: Recipe) -> bool:
    """Return whether `landmarks` has every break of the formulas in *recipe*."""
    own = all(found.complete for found in formula_breaks(recipe))
    return own and all(end_is_known(member) for _, member in timeline(recipe).members)


def first_without_value(recipe: Recipe) -> float:
    """Return the first step at which a formula in *recipe* has no value, else infinity."""
    ends = [found.end for found in formula_breaks(recipe) if found.end is not None]
    for part, member in timeline(recipe).members:
        end = first_without_value(member)
        if end < math.inf and (part.stop is None or part.outer(int(end)) < part.stop):
            ends.append(part.outer(int(end)))
    return min(ends, default=math.inf)
