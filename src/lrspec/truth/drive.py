"""Drives: the ways to advance a scheduler, each expanded to a plain list of actions.

A worker follows the actions; the reference follows `t`, the step whose rate each update must use.

actions
    `["updates", n]`  n times: an optimizer update, then `scheduler.step()`
    `["jump", t]`     `scheduler.step(t)`
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrspec.truth.landmarks import landmarks, span
from lrspec.truth.recipe import Recipe

Action = tuple[str, int]
#: The longest run that is chosen without being asked for, in steps.
LONGEST = 20_000


@dataclass(frozen=True)
class Drive:
    """One way to advance the scheduler of one recipe."""

    name: str
    recipe: Recipe
    actions: tuple[Action, ...]
    t: NDArray[np.int64]

    @property
    def stepwise(self) -> bool:
        """Tell whether the updates are those of 0, 1, 2, … without a jump."""
        return all(verb == "updates" for verb, _ in self.actions)


def horizons(recipe: Recipe) -> tuple[int, int]:
    """Return a horizon just past all that happens, and one far past it, in steps."""
    whole = span(recipe)
    return min(whole + 2, LONGEST), min(2 * whole + 5, LONGEST)


def stepwise(recipe: Recipe, steps: int) -> Drive:
    """Update after update from the start."""
    return Drive(f"stepwise@{steps}", recipe, (("updates", steps),), np.arange(steps))


def jump(recipe: Recipe, steps: int) -> Drive:
    """To landmarks and beside them: forward, backward, twice to one, with some updates each."""
    marks = [*landmarks(recipe, steps)] or [steps // 2]
    first, last = marks[0], marks[-1]
    middle = marks[len(marks) // 2]
    targets = [max(first - 1, 0), last, first, first, 0, middle, min(last + 2, steps), 1]
    actions: list[Action] = [("updates", 2)]
    t = [0, 1]
    for target in targets:
        actions += [("jump", target), ("updates", 3)]
        t += [target, target + 1, target + 2]
    return Drive("jump", recipe, tuple(actions), np.array(t))


def groups(recipe: Recipe, steps: int) -> Drive:
    """Two parameter groups, the second with a tenth of the base rate, where there was one."""
    base = recipe.bases[0]
    grouped = recipe.with_base(base, base / 10) if recipe.single else recipe
    return Drive("groups", grouped, (("updates", steps),), np.arange(steps))


#: Each drive by its name: from a recipe and a number of steps to the runs that it asks for.
DRIVES: dict[str, Callable[[Recipe, int], Drive]] = {
    "stepwise": stepwise,
    "jump": jump,
    "groups": groups,
}


def expand(recipe: Recipe, name: str, steps: int) -> Drive:
    """Return the drive called *name* over *recipe*, over *steps* steps."""
    return DRIVES[name](recipe, steps)
