"""A list of actions as a scenario's builder makes it, with the step of each recorded rate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lrspec.engine.state_machine import metric_at
from lrspec.scenario.actions import Action
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.recipe import Recipe


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
