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
    """Actions as they are added, and the step of each recorded rate."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.actions: list[Action] = []
        self.t: list[float] = []
        self.now: float = 0

    def updates(self, count: float, with_optimizer: float = math.inf) -> ActionList:
        """Do *count* updates; after *with_optimizer* of them step the scheduler alone."""
        steps = [self.now + i for i in range(int(count))]
        if self.recipe.schedule.machine is None:
            alone = int(max(len(steps) - with_optimizer, 0))
            self.actions.append(Action("updates", len(steps) - alone))
            self.actions += [Action("steps", (alone, 1))] if alone else []
        else:
            metrics = tuple(metric_at(self.recipe, int(step)) for step in steps)
            self.actions.append(Action("metrics", metrics))
        self.t += steps
        self.now += len(steps)
        return self

    def steps(self, verb: str, count: int, argument: Any) -> ActionList:
        """Do one action that records the rates of *count* steps."""
        self.t += [self.now + i for i in range(count)]
        return self.then(verb, argument, self.now + count)

    def then(self, verb: str, argument: Any, now: float | None = None) -> ActionList:
        """Do one action; the step after it is *now*, by default the one before it."""
        self.actions.append(Action(verb, argument))
        self.now = self.now if now is None else now
        return self

    def scenario(
        self, name: str, step: int | None = None, variant: str = "", **rest: Any
    ) -> Scenario:
        """Return the scenario of these actions, so called."""
        identity = ScenarioId(name, step, variant)
        return Scenario(identity, self.recipe, tuple(self.actions), np.array(self.t, float), **rest)
