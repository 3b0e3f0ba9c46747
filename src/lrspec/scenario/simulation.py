"""The rates of a scheduler under a scenario, if it computes in one form and has no other effects.

The closed form sets the rate from the step, whatever the optimizer's rate is; the recursive form
computes it from the rate that the optimizer has. They are equal on an undisturbed run, and differ
after a disturbance. A scheduler with a rate of its own uses the closed form, and its rate becomes
the optimizer's when the scheduler becomes the current one. Each parameter group is simulated alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, below, trace
from lrspec.engine.recursive_form import Recurrence, recurrence, restarted
from lrspec.engine.state_machine import State
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe

CLOSED, RECURSIVE, OWN = "closed form", "recursive form", "own rate"
#: The recursive form of a class that uses the closed form for `step(t)`.
RESTATED = "recursive form, closed at a jump"


@dataclass(frozen=True)
class _Behaviour:
    """How a scheduler computes its rates; the fields are the arguments of `simulate`."""

    form: str
    resumed: str = "kept"
    shift: int = 0
    recurrence_of: Callable[[Recipe], Recurrence] = recurrence


def simulate(scenario: Scenario, form: str, resumed: str = "kept", shift: int = 0) -> Rates:
    """Return the trace of *scenario* for a scheduler that computes in *form*, one column per group.

    With *shift*, step t has the rate of step t + *shift*, by the closed form also below step 0.

    *resumed* is the rate of a scheduler in recursive form that is built with an index: the group's
    rate is `kept`; one step is taken from it (`stepped`), or `from the base rate`; the members of a
    composition start at their own step 0 (`members restarted`) or 1 (`members stepped`). The rows
    before a group is added are NaN in its column.
    """
    return _cached(scenario, _Behaviour(form, resumed, shift)).copy()


def simulate_recurrence(scenario: Scenario, recurrence_of: Callable[[Recipe], Recurrence]) -> Rates:
    """Return the trace of *scenario* for a scheduler that computes with another recurrence."""
    return _simulated(scenario, _Behaviour(RECURSIVE, recurrence_of=recurrence_of))


def _simulated(scenario: Scenario, behaviour: _Behaviour) -> Rates:
    recipes = (scenario.recipe, *scenario.others)
    runs = [_Run(recipes, base, behaviour) for base in scenario.recipe.bases]
    rows = 0
    for verb, argument in scenario.actions:
        if verb == "add_group":
            runs.append(runs[0].with_rate(argument, rows))
            continue
        index = argument if scenario.index is None else argument + scenario.index
        for run in runs:
            getattr(run, verb)(index if verb == "resume_index" else argument)
        rows = len(runs[0].rates)
    return np.array([run.rates for run in runs], dtype=np.float64).T.reshape(rows, len(runs))


_cached = lru_cache(maxsize=1024)(_simulated)


def forms(scenario: Scenario) -> dict[str, Rates]:
    """Return the trace of *scenario* in each form that it can tell apart, by the form's name."""
    jumps = any(verb == "jump" for verb, _ in scenario.actions)
    names = [CLOSED, RECURSIVE, *([OWN] if scenario.others else []), *([RESTATED] if jumps else [])]
    return {form: simulate(scenario, form) for form in names}


class _Scheduler:
    """One scheduler for one parameter group; `own` is its rate if it has one of its own."""

    def __init__(self, recipe: Recipe, base: float, behaviour: _Behaviour) -> None:
        self.recipe, self.base, self.behaviour = recipe, base, behaviour
        self.t: float = 0
        self.own = base
        self.recurrence = behaviour.recurrence_of(recipe)
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
        group = self.recipe.with_base(self.base)
        t += self.behaviour.shift
        if t < 0:
            return float(below(group, np.array([t]))[0, 0])
        if t >= len(self.computed):
            self.computed = trace(group, 2 * int(t) + 64)[:, 0].tolist()
        return self.computed[int(t)]

    def go_to(self, t: float, rate: float, *, jumps: bool = False) -> float:
        """Return the rate of step *t*, *rate* being the optimizer's."""
        self.t = t
        form = self.behaviour.form
        if form == RECURSIVE or (form == RESTATED and not jumps):
            return float(self.recurrence(rate, t, self.base))
        self.own = self.closed(t)
        return self.own

    def begin(self, rate: float) -> float:
        """Return the rate after the scheduler is built on an optimizer with *rate*."""
        if self.machine is None:
            return self.go_to(0, rate)
        return rate if self.behaviour.form == RECURSIVE else self.own

    def step(self, rate: float, metric: Any) -> float:
        """Return the rate of the next step, *rate* being the optimizer's."""
        if self.machine is None:
            return self.go_to(self.t + 1, rate)
        self.own = self.machine.step(metric, rate if self.behaviour.form == RECURSIVE else self.own)
        return self.own

    def resume(self, rate: float, t: int) -> float:
        """Return the rate after the scheduler was built with the index *t*."""
        resumed = self.behaviour.resumed
        if self.behaviour.form != RECURSIVE or resumed in ("stepped", "from the base rate"):
            return self.go_to(t, self.base if resumed == "from the base rate" else rate, jumps=True)
        self.t = t
        if resumed == "kept":
            return rate
        self.recurrence = restarted(self.recipe, stepped=resumed == "members stepped")
        return self.closed(0)


class _Run:
    """One parameter group with its schedulers; its methods are the actions of scenarios."""

    def __init__(self, recipes: Sequence[Recipe], base: float, behaviour: _Behaviour) -> None:
        self.recipes, self.behaviour = recipes, behaviour
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
        scheduler = _Scheduler(recipe, self.initial, self.behaviour)
        self.rate = scheduler.begin(self.rate)
        return scheduler

    def updates(self, count: int) -> None:
        self.metrics([None] * count)

    read = get_lr = updates

    def metrics(self, metrics: Sequence[Any]) -> None:
        for metric in metrics:
            self.rates.append(self.rate)
            self.rate = self.current.step(self.rate, metric)

    def steps(self, run: tuple[int, int]) -> None:
        count, stride = run
        for number in range(count):
            if number % stride == 0:
                self.rates.append(self.rate)
            self.rate = self.current.step(self.rate, None)

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
        if self.behaviour.form == OWN:
            self.rate = self.current.own

    def rebuild(self, _: None) -> None:
        self.current = self.build(self.recipes[0])

    def resume(self, order: str) -> None:
        loaded, optimizer = self.current, (self.rate, self.initial)
        self.rate, self.initial = optimizer if order == "built-late" else (self.fresh, None)
        self.rebuild(None)
        self.current = loaded
        if order == "right":
            self.rate, self.initial = optimizer

    def resume_index(self, t: int) -> None:
        before = self.rate
        self.rebuild(None)
        self.rate = self.current.resume(before, t)
