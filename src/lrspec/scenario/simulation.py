"""The rates of a scheduler under a scenario, if it computes in one form and has no other effects.

The closed form sets the rate from the step, regardless of the optimizer's rate; the recursive form
computes it from the rate that the optimizer has. They are equal on an undisturbed run, and differ
after a disturbance. A scheduler with a rate of its own uses the closed form, and its rate becomes
the optimizer's when the scheduler becomes the current one. Each parameter group is simulated alone.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, trace
from lrspec.engine.recursive_form import recurrence
from lrspec.engine.state_machine import State
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe

CLOSED, RECURSIVE, OWN = "closed form", "recursive form", "own rate"
#: The recursive form of a class that uses the closed form for `step(t)`.
RESTATED = "recursive form, closed at a jump"


@lru_cache(maxsize=1024)
def simulate(scenario: Scenario, form: str) -> Rates:
    """Return the trace of *scenario* for a scheduler that computes in *form*, for reading only.

    There is one column per group; the rows before a group is added are NaN in its column.
    """
    recipes = zip(*(recipe.groups() for recipe in (scenario.recipe, *scenario.others)), strict=True)
    runs = [
        _Run(group, base, form) for group, base in zip(recipes, scenario.recipe.bases, strict=True)
    ]
    rows = 0
    for verb, argument in scenario.actions:
        if verb == "add_group":
            runs.append(runs[0].with_rate(argument, rows))
            continue
        for run in runs:
            getattr(run, verb)(argument)
        rows = len(runs[0].rates)
    rates = np.array([run.rates for run in runs], dtype=np.float64).T.reshape(rows, len(runs))
    rates.flags.writeable = False
    return rates


def forms(scenario: Scenario) -> dict[str, Rates]:
    """Return the trace of *scenario* in each form that it can tell apart, by the form's name."""
    jumps = any(verb == "jump" for verb, _ in scenario.actions)
    names = [CLOSED, RECURSIVE, *([OWN] if scenario.others else []), *([RESTATED] if jumps else [])]
    return {form: simulate(scenario, form) for form in names}


class _Scheduler:
    """One scheduler for one parameter group; `own` is its rate if it has one of its own."""

    def __init__(self, recipe: Recipe, base: float, form: str) -> None:
        self.recipe, self.base, self.form = recipe, base, form
        self.t: float = 0
        self.own = base
        self.recurrence = recurrence(recipe)
        self.machine = None if recipe.schedule.machine is None else State(recipe, base)
        self.computed: list[float] = []

    def with_base(self, base: float) -> _Scheduler:
        """Return a copy in the same state for another base rate."""
        other = copy.copy(self)
        other.base, other.own, other.computed = base, base, []
        other.machine = copy.deepcopy(self.machine)
        return other

    def closed(self, t: float) -> float:
        """Return the rate of step *t* by the closed form."""
        if t >= len(self.computed):
            group = self.recipe.with_base(self.base)
            self.computed = trace(group, 2 * int(t) + 64)[:, 0].tolist()
        return self.computed[int(t)]

    def go_to(self, t: float, rate: float, *, jumps: bool = False) -> float:
        """Return the rate of step *t*, *rate* being the optimizer's."""
        self.t = t
        if self.form == RECURSIVE or (self.form == RESTATED and not jumps):
            return float(self.recurrence(rate, t, self.base))
        self.own = self.closed(t)
        return self.own

    def begin(self, rate: float) -> float:
        """Return the rate after the scheduler is built on an optimizer with *rate*."""
        if self.machine is None:
            return self.go_to(0, rate)
        return rate if self.form == RECURSIVE else self.own

    def step(self, rate: float, metric: Any) -> float:
        """Return the rate of the next step, *rate* being the optimizer's."""
        if self.machine is None:
            return self.go_to(self.t + 1, rate)
        self.own = self.machine.step(metric, rate if self.form == RECURSIVE else self.own)
        return self.own


class _Run:
    """One parameter group with its schedulers; its methods are the actions of scenarios."""

    def __init__(self, recipes: Sequence[Recipe], base: float, form: str) -> None:
        self.recipes, self.form = recipes, form
        self.fresh = self.rate = base
        self.initial: float | None = None
        self.rates: list[float] = []
        self.schedulers = [self.build(recipe) for recipe in recipes]
        self.use(0)

    def with_rate(self, rate: float, rows: int) -> _Run:
        """Return the run of a group that is added with *rate* after *rows* rates."""
        run = copy.copy(self)
        run.current = self.current.with_base(rate)
        run.rate = run.fresh = run.initial = rate
        run.rates = [float("nan")] * rows
        return run

    def build(self, recipe: Recipe) -> _Scheduler:
        """Build a scheduler; its base rate is the group's rate when the first one was built."""
        self.initial = self.rate if self.initial is None else self.initial
        scheduler = _Scheduler(recipe, self.initial, self.form)
        self.rate = scheduler.begin(self.rate)
        return scheduler

    def updates(self, count: int) -> None:
        self.metrics([None] * count)

    def metrics(self, metrics: Sequence[Any]) -> None:
        for metric in metrics:
            self.rates.append(self.rate)
            self.rate = self.current.step(self.rate, metric)

    def together(self, run: tuple[int, int]) -> None:
        for _ in range(run[0]):
            self.rates.append(self.rate)
            for index in range(len(self.schedulers)):
                self.use(index)
                self.rate = self.current.step(self.rate, None)

    def jump(self, t: float) -> None:
        self.rate = self.current.go_to(t, self.rate, jumps=True)

    def multiply(self, by: float) -> None:
        self.rate *= by

    def set(self, to: float) -> None:
        self.rate = to

    def use(self, index: int) -> None:
        self.current = self.schedulers[index]
        if self.form == OWN:
            self.rate = self.current.own

    def rebuild(self, _: None) -> None:
        self.current = self.build(self.recipes[0])
