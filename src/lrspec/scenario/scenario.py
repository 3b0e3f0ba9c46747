"""A scenario: one way to advance the scheduler of one recipe, as a plain list of actions.

A worker follows the actions; the specification follows `t`, the step whose rate each update uses.
What each scenario expects is in `spec/scenarios.json`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates, at
from lrspec.engine.state_machine import metric_at
from lrspec.scenario.actions import Action
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.scenario.steps import Steps
from lrspec.spec.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Scenario:
    """One way to advance the scheduler of one recipe.

    `t` holds the step of each recorded rate. With `original` the expected rates are those of
    another scheduler's run instead of the specified ones. `others` are recipes whose schedulers are
    built beside the first. `index` is the index that a `resume_index` is given, minus the one that
    continues the run. Scenarios are compared by identity, so that values computed from one can be
    cached.
    """

    id: ScenarioId
    recipe: Recipe
    actions: tuple[Action, ...]
    t: NDArray[np.float64]
    others: tuple[Recipe, ...] = ()
    index: int | None = None
    original: Steps | None = None

    @property
    def reference(self) -> str:
        """What the rates are compared with, in words."""
        return "the specification" if self.original is None else "the original"

    @cached_property
    def expected(self) -> Rates:
        """The expected rates of the steps in `t`, for reading only; raises as `at` does.

        They are fewer where the original ends in an error.
        """
        rates = at(self.recipe, self.t) if self.original is None else self.original.rates.copy()
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


class ActionList:
    """Actions as they are added; `now` is the step of the next rate that is recorded."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.actions: list[Action] = []
        self.t: list[float] = []
        self.now: float = 0

    def updates(self, count: int, with_optimizer: float = math.inf) -> ActionList:
        """Do *count* updates; after *with_optimizer* of them step the scheduler alone."""
        if self.recipe.schedule.machine is not None:
            metrics = (metric_at(self.recipe, int(self.now) + i) for i in range(count))
            return self.then("metrics", tuple(metrics))
        alone = int(max(count - with_optimizer, 0))
        self.then("updates", count - alone)
        return self.then("steps", (alone, 1)) if alone else self

    def then(self, verb: str, argument: Any, now: float | None = None) -> ActionList:
        """Do one action; the step after it is *now*, by default the one after its last rate."""
        action = Action(verb, argument)
        self.actions.append(action)
        self.t += [self.now + i for i in range(action.rates)]
        self.now = self.now + action.rates if now is None else now
        return self

    def scenario(
        self, name: str, step: int | None = None, variant: str = "", **rest: Any
    ) -> Scenario:
        """Return the scenario of these actions, with this identity."""
        identity = ScenarioId(name, step, variant)
        return Scenario(identity, self.recipe, tuple(self.actions), np.array(self.t, float), **rest)


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
    """Return *scenario* with its indices in a backend's own counting of k updates."""
    off = scenario.index or 0
    actions = (
        action._replace(argument=continues(action.argument) + off)
        if action.verb == "resume_index"
        else action
        for action in scenario.actions
    )
    return replace(scenario, actions=tuple(actions))
