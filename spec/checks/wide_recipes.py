"""Random recipes of any size, and steps at which they are compared with the oracle.

The random recipes of the suite have small numbers. Here their steps are multiplied by up to 10^12
and their rates by 10^±6, so that they look like those of a long run.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from lrspec.engine.landmarks import landmarks
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.random_recipes import draw

_LARGEST = 2**53
_SCALES = (1, 1, 1, 7, 1000, 10**6, 10**9 + 7, 10**12)
_RATES = (1.0, 1.0, 1.0, 1e-6, 1e-3, 1e3)
#: A schedule whose rate is computed step by step is asked for steps up to here.
STEP_BY_STEP = 300


def wide(rng: Random) -> Recipe:
    """Return a random recipe of one parameter group, with steps and rates of any size."""
    while True:
        drawn = draw(rng)
        document = drawn.with_base(drawn.bases[0]).to_dict()
        document = _scaled(document, rng.choice(_SCALES), rng.choice(_RATES))
        try:
            return from_dict(document)
        except BadInput:  # a step above 2**53
            continue


def _scaled(document: dict[str, Any], steps: int, rates: float) -> dict[str, Any]:
    """Return a recipe with each number of steps and each rate multiplied."""

    def times(value: Any, by: float) -> Any:
        return [one * by for one in value] if isinstance(value, list) else value * by

    result = dict(document)
    for name, parameter in schedules()[document["schedule"]].parameters.items():
        if name not in document:
            continue
        value = document[name]
        if parameter.type == "schedule":
            result[name] = _scaled(value, steps, rates)
        elif parameter.type == "schedules":
            result[name] = [_scaled(member, steps, rates) for member in value]
        elif parameter.unit == "steps" and parameter.name != "patience":
            result[name] = times(value, steps)
        elif parameter.unit == "rate":
            result[name] = times(value, rates)
    if "base_lr" in document:
        result["base_lr"] = document["base_lr"] * rates
    return result


def steps_of(recipe: Recipe, rng: Random) -> list[int]:
    """Return steps of *recipe* in ascending order: the first ones, some at landmarks, huge ones."""
    text = json.dumps(recipe.to_dict())
    step_by_step = '"multiplicative"' in text or '"reduce_on_plateau"' in text
    horizon = STEP_BY_STEP if step_by_step else 10**15
    size = max(_sizes(recipe, rng), default=20)
    near = [rng.randint(0, max(1, 3 * size)) for _ in range(3)]
    marks = [*landmarks(recipe, min(horizon, 100))]
    marks = [mark + rng.randint(-1, 1) for mark in rng.sample(marks, min(3, len(marks)))]
    edge = size + rng.randint(-2, 2)
    huge = [10**15, 10**15 + 1, rng.randint(0, _LARGEST)]
    chosen = {0, 1, rng.randint(2, 60), edge, *near, *marks, *huge}
    most = STEP_BY_STEP if step_by_step else _LARGEST
    return sorted(step for step in chosen if 0 <= step <= most)


def _sizes(recipe: Recipe, rng: Random) -> list[int]:
    """Return the numbers of steps that *recipe* and its members give, one of them per parameter."""
    sizes = []
    for name, given in recipe.given.items():
        if recipe.schedule.parameters[name].unit == "steps" and given != ():
            sizes.append(int(rng.choice(given) if isinstance(given, tuple) else given))
    for member in recipe.members():
        sizes += _sizes(member, rng)
    return [rng.choice(sizes)] if sizes else []
