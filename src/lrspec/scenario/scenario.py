"""A scenario: one way to advance the scheduler of one recipe, as a plain list of actions.

A worker follows the actions; the specification follows `t`, the step whose rate each update uses.
What each scenario expects is in `spec/scenarios.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates, at
from lrspec.scenario.actions import Action
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Scenario:
    """One way to advance the scheduler of one recipe.

    `t` holds the step of each recorded rate. `others` are recipes whose schedulers are built beside
    the first. `index` is the index that a `resume_index` is given, less the one that continues the
    run. A scenario is equal to itself alone, so that what follows from it can be cached.
    """

    id: ScenarioId
    recipe: Recipe
    actions: tuple[Action, ...]
    t: NDArray[np.float64]
    others: tuple[Recipe, ...] = ()
    index: int | None = None

    @cached_property
    def expected(self) -> Rates:
        """The specified rates of the steps in `t`, for reading only; raises as `at` does."""
        rates = at(self.recipe, self.t)
        rates.flags.writeable = False
        return rates

    @property
    def updates(self) -> int:
        """How many rates are used by an update, before the scheduler is stepped alone."""
        return sum(action.updates for action in self.actions)

    @property
    def groups(self) -> int:
        """How many parameter groups there are at the end."""
        return len(self.recipe.bases) + sum(action.verb == "add_group" for action in self.actions)

    @property
    def stepwise(self) -> bool:
        """Whether the recorded rates are those of steps 0, 1, 2, … and nothing else happens."""
        return not any(action.disturbs for action in self.actions)


def whole(step: float) -> float:
    """Return a step as an integer, where it is one."""
    return int(step) if step == int(step) else float(step)


def with_updates(scenario: Scenario) -> Scenario:
    """Return *scenario* with an update before every step, for a backend that reports no rates."""
    actions = (
        Action("updates", a.argument[0]) if a.verb == "steps" else a for a in scenario.actions
    )
    return replace(scenario, actions=tuple(actions))


def with_index(scenario: Scenario, continues: Callable[[int], int]) -> Scenario:
    """Return *scenario* with the index that goes on from k updates in a backend's own counting."""
    off = scenario.index or 0
    actions = (
        action._replace(argument=continues(action.argument) + off)
        if action.verb == "resume_index"
        else action
        for action in scenario.actions
    )
    return replace(scenario, actions=tuple(actions))
