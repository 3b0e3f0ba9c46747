"""What a scheduler goes on with if its rate was changed from outside: other base rates.

A rate that was set by hand, an optimizer that another schedule has already used, a constructor that
took a step too many: a scheduler that computes each rate from the one before goes on from there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lrspec.bindings.backend import Backend
from lrspec.bindings.writing import write
from lrspec.dialect.prediction import predict
from lrspec.engine import closed_form
from lrspec.errors import BadInput, Unsupported
from lrspec.importers import Description
from lrspec.importers.departure import agreeing
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.scenario import ActionList
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of

#: The rates that must follow from the base rates that the first of them gives.
_FEWEST = 2


def continuing(
    recipe: Recipe, description: Description, position: float, backend: Backend
) -> Recipe | None:
    """Return *recipe* with the base rates from which the scheduler goes on at *position*.

    None where its own base rates are as good, or where its framework departs by itself in an
    undisturbed run.
    """
    first = description["ahead"][0] if description["ahead"] else ()
    if recipe.base_lr is None or recipe.schedule.machine or len(first) != len(recipe.base_lr):
        return None
    bases = _bases(recipe, position, first)
    if bases is None or _undisturbed(recipe, description["ahead"], position, backend):
        return None
    other = recipe.with_base(*bases)
    followed = agreeing(other, description, position)
    enough = min(_FEWEST, len(description["ahead"]))
    return (
        other if followed > agreeing(recipe, description, position) and followed >= enough else None
    )


def _bases(recipe: Recipe, position: float, rates: Sequence[float]) -> list[float] | None:
    """Return the base rates that give *rates* at *position*, None where no positive ones do.

    A rate is taken to be a linear function of its base rate.
    """
    doubled = recipe.with_base(*(2 * base for base in recipe.bases))
    try:
        once, twice = closed_form.at(recipe, position), closed_form.at(doubled, position)
    except BadInput:
        return None
    bases = []
    for base, a, b, rate in zip(recipe.bases, once, twice, rates, strict=True):
        solved = base + base * (rate - a) / (b - a) if b != a else math.nan
        if not (math.isfinite(solved) and solved > 0):
            return None
        bases.append(_shortest(float(solved)))
    return bases


def _shortest(number: float) -> float:
    """Return the number with the fewest digits that is *number* to within rounding."""
    texts = (float(f"{number:.{digits}g}") for digits in range(1, 18))
    return next(text for text in texts if abs(text - number) <= 8e-16 * number)


def _undisturbed(
    recipe: Recipe, ahead: Sequence[Sequence[float]], position: float, backend: Backend
) -> bool:
    """Return whether the framework's own classes, run from step 0, have the rates *ahead*."""
    steps = int(position) + len(ahead)
    if steps > LONGEST or position != int(position):
        return False
    try:
        tree = write(recipe, backend).call
    except Unsupported:
        return False
    prediction = predict(backend, [tree], recipe.bases, ActionList(recipe).updates(steps).actions)
    if prediction is None or len(prediction.rates) < steps:
        return False
    found: Any = np.asarray(ahead, dtype=np.float64)
    bound = tolerance_of("float64").divergence * np.abs(found).max()
    return bool((np.abs(prediction.rates[int(position) :] - found) <= bound).all())
