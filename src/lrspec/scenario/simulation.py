"""What a scheduler does under a scenario, if it computes in one form and does nothing else.

The closed form restates the rate from the step at every step of the scheduler; the recursive form
makes it from the rate that the optimizer holds. Undisturbed, both give one curve; a scenario that
disturbs them tells them apart. A scheduler with a rate of its own is in closed form, and its rate
is the optimizer's as soon as it is the current one. Parameter groups do not act on each other: each
is a run of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, below, trace
from lrspec.engine.recursive_form import Walk, scalar_forms, walk_of
from lrspec.engine.state_machine import State
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe

CLOSED, RECURSIVE, OWN = "closed form", "recursive form", "own rate"
#: The recursive form of a class that keeps the closed one for `step(t)`.
RESTATED = "recursive form, closed at a jump"


def simulate(scenario: Scenario, form: str, resumed: str = "kept", shift: int = 0) -> Rates:
    """Return the trace of *scenario* for a scheduler that computes in *form*, a column a group.

    With *shift* step t has the rate of step t + *shift*, by the closed form below step 0 too.

    *resumed* is what the recursive form makes of the group's rate where it is built with an index:
    the rate is `kept`, `stepped`, stepped `from the base rate`, or that of a composition whose
    `members anew` count from their own step 0, or come to it by a step (`members stepped`). The
    rows before a group was added hold NaN in its column.
    """
    return _simulated(scenario, form, resumed, shift).copy()


def walked(scenario: Scenario, walks: Callable[[Recipe], Walk]) -> Rates:
    """Return the trace of *scenario* for a scheduler that takes the walk of *walks* for its own."""
    return _followed(scenario, RECURSIVE, "kept", 0, walks)


@lru_cache(maxsize=1024)
def _simulated(scenario: Scenario, form: str, resumed: str, shift: int) -> Rates:
    """Return the same, worked out once for all who ask; they must not write it over."""
    return _followed(scenario, form, resumed, shift, _specified)


def _specified(recipe: Recipe) -> Walk:
    return walk_of(recipe, scalar_forms)


def _followed(
    scenario: Scenario, form: str, resumed: str, shift: int, walks: Callable[[Recipe], Walk]
) -> Rates:
    recipes = (scenario.recipe, *scenario.others)
    groups = range(len(scenario.recipe.bases))
    runs = [_Run(recipes, group, form, resumed, shift, walks) for group in groups]
    rows = 0
    for verb, argument in scenario.actions:
        if verb == "add_group":
            runs.append(_late(runs[0], argument, rows))
            continue
        index = argument if scenario.index is None else argument + scenario.index
        for run in runs:
            run.act(verb, index if verb == "resume_index" else argument)
        rows = len(runs[0].rates)
    return np.array([run.rates for run in runs], dtype=np.float64).T.reshape(rows, len(runs))


def forms(scenario: Scenario) -> dict[str, Rates]:
    """Return what each form makes of *scenario*, by the form's name."""
    jumps = any(verb == "jump" for verb, _ in scenario.actions)
    names = [CLOSED, RECURSIVE, *([OWN] if scenario.others else []), *([RESTATED] if jumps else [])]
    return {form: simulate(scenario, form) for form in names}


@dataclass
class _Scheduler:
    """One scheduler for one parameter group: its base rate, its step, and how it goes on."""

    recipe: Recipe
    base: float
    form: str
    shift: int = 0
    walks: Callable[[Recipe], Walk] = _specified
    t: float = 0
    _closed: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.walk = self.walks(self.recipe)
        machine = self.recipe.schedule.machine
        self.state = None if machine is None else State(self.recipe, self.base)
        self.own = self.base

    def closed(self, t: float) -> float:
        """Return the rate of step *t* by the closed form."""
        alone = self.recipe.with_base(self.base)
        t += self.shift
        if t < 0:
            return float(below(alone, np.array([t]))[0, 0])
        if t >= len(self._closed):
            self._closed = trace(alone, 2 * int(t) + 64)[:, 0].tolist()
        return self._closed[int(t)]

    def begin(self, rate: float) -> float:
        """Return what building it makes of the optimizer's *rate*."""
        if self.state is not None:
            return rate if self.form == RECURSIVE else self.own
        if self.form in (RECURSIVE, RESTATED):
            return float(self.walk(rate, 0, self.base))
        self.own = self.closed(0)
        return self.own

    def step(self, rate: float, metric: Any) -> float:
        """Return the rate of the next step, *rate* being the optimizer's."""
        self.t += 1
        if self.form in (RECURSIVE, RESTATED) and self.state is None:
            return float(self.walk(rate, self.t, self.base))
        if self.state is None:
            self.own = self.closed(self.t)
        else:
            self.own = self.state.step(metric, rate if self.form == RECURSIVE else self.own)
        return self.own

    def jump(self, rate: float, t: float) -> float:
        """Return the rate of step *t* that was jumped to, *rate* being the optimizer's."""
        self.t = t
        if self.form == RECURSIVE:
            return float(self.walk(rate, t, self.base))
        self.own = self.closed(t)
        return self.own

    def saved(self) -> tuple[Any, ...]:
        return self.t, self.base, self.own, copy.copy(self.state and self.state.state)

    def load(self, saved: tuple[Any, ...]) -> None:
        self.t, self.base, self.own, state = saved
        if self.state is not None:
            self.state.state = state


class _Run:
    """One parameter group with its schedulers; the first one is current."""

    def __init__(
        self,
        recipes: Sequence[Recipe],
        group: int,
        form: str,
        resumed: str,
        shift: int,
        walks: Callable[[Recipe], Walk],
    ) -> None:
        self.recipes, self.form, self.resumed, self.shift = recipes, form, resumed, shift
        self.walks = walks
        self.fresh = self.rate = recipes[0].bases[group]
        self.initial: float | None = None
        self.rates: list[float] = []
        self.schedulers = [self.build(recipe) for recipe in recipes]
        self.use(0)

    def build(self, recipe: Recipe) -> _Scheduler:
        """Build a scheduler: the base rate is the rate of the first time one was built."""
        self.initial = self.rate if self.initial is None else self.initial
        scheduler = _Scheduler(recipe, self.initial, self.form, self.shift, self.walks)
        self.rate = scheduler.begin(self.rate)
        return scheduler

    def act(self, verb: str, argument: Any) -> None:
        """Follow one action."""
        follow: Callable[[Any], None] = getattr(self, verb)
        follow(argument)

    def updates(self, count: int) -> None:
        self.metrics([None] * count)

    def read(self, count: int) -> None:
        self.updates(count)

    def get_lr(self, count: int) -> None:
        self.updates(count)

    def metrics(self, metrics: Sequence[Any]) -> None:
        for metric in metrics:
            self.rates.append(self.rate)
            self.rate = self.current.step(self.rate, metric)

    def steps(self, run: tuple[int, int]) -> None:
        count, stride = run
        for start in range(0, count, stride):
            self.rates.append(self.rate)
            for _ in range(min(stride, count - start)):
                self.rate = self.current.step(self.rate, None)

    def together(self, run: tuple[int, int]) -> None:
        count, _ = run
        for _ in range(count):
            self.rates.append(self.rate)
            for index in range(len(self.schedulers)):
                self.use(index)
                self.rate = self.current.step(self.rate, None)

    def jump(self, t: float) -> None:
        self.rate = self.current.jump(self.rate, t)

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

    def resume(self, order: str) -> None:
        saved, optimizer = self.current.saved(), (self.rate, self.initial)
        self.rate, self.initial = self.fresh, None
        if order == "built-late":
            self.rate, self.initial = optimizer
        self.rebuild(None)
        self.current.load(saved)
        if order == "right":
            self.rate, self.initial = optimizer

    def resume_index(self, t: int) -> None:
        before = self.rate
        self.rebuild(None)
        scheduler = self.current
        scheduler.t = t
        base = scheduler.base
        if self.form != RECURSIVE:
            self.rate = scheduler.closed(t)
        elif self.resumed == "kept":
            self.rate = before
        elif self.resumed in ("members anew", "members stepped"):
            stepped = self.resumed == "members stepped"
            scheduler.walk = _forgetful(scheduler.recipe, stepped=stepped)
            self.rate = scheduler.closed(0)
        else:
            rate = before if self.resumed == "stepped" else base
            self.rate = scheduler.walk(rate, t, base)


def _forgetful(recipe: Recipe, *, stepped: bool) -> Walk:
    """Return the walk of a composition that counts on where its members count from 0 again.

    A member that is not entered at its milestone begins at its step 0, or is *stepped* to it.
    """
    starts, own = recipe.starts(), scalar_forms(recipe)
    if not starts:
        return walk_of(recipe, scalar_forms)
    members = [walk_of(member, scalar_forms) for member in recipe.members()]
    steppings = [
        scalar_forms(member)[1] or walk_of(member, scalar_forms) for member in recipe.members()
    ]
    if recipe.schedule.closed is not None:  # a warmup's own line comes before its member
        line = own[1] or (lambda _prev, t, base: own[0](t, base))
        members, steppings = [line, *members], [line, *steppings]
    steps = [0, *[-1] * (len(starts) - 1)]

    def walk(prev: Any, t: Any, base: Any) -> Any:
        index = max(i for i, start in enumerate(starts) if start <= t)
        if index >= len(members):
            return base
        entered = t == starts[index]
        steps[index] = 0 if entered else steps[index] + 1
        walks = steppings if stepped and not entered else members
        return walks[index](base if entered else prev, steps[index], base)

    return walk


def _late(first: _Run, rate: float, rows: int) -> _Run:
    """Return the run of a group that is added with *rate* after so many updates."""
    run = copy.copy(first)
    run.current = copy.copy(first.current)
    run.current.base, run.current.own, run.current._closed = rate, rate, []
    run.current.state = copy.deepcopy(first.current.state)
    run.rate = run.fresh = run.initial = rate
    run.rates = [float("nan")] * rows
    return run
