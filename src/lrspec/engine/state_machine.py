"""State machines: schedules whose rate depends on all earlier steps, computed one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import Function, compile_assignments, compile_formulas
from lrspec.spec.formula.functions import MOST_STEPS, SCALAR, Table
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule


def metric_at(recipe: Recipe, step: int) -> float:
    """Return the metric of update *step*, the last one again past their end; null is NaN."""
    machine = recipe.schedule.machine
    assert machine is not None  # noqa: S101 - only a state machine reads metrics
    metrics: Sequence[float | None] = recipe.values(1.0)[machine.input]
    metric = metrics[min(step, len(metrics) - 1)]
    return math.nan if metric is None else metric


_COMPILED: dict[tuple[int, int], tuple[dict[str, Function], Function, Schedule]] = {}


def _compiled(schedule: Schedule, table: Table) -> tuple[dict[str, Function], Function]:
    """Return the function of each state's first value, and that of a step; compiled once."""
    key = (id(schedule), id(table))
    if key not in _COMPILED:
        machine = schedule.machine
        assert machine is not None  # noqa: S101
        names = (*schedule.valued, "base_lr", "inf")
        first = {
            name: compile_formulas(names, {}, formula, table)
            for name, formula in machine.state.items()
        }
        arguments = ("metric", "rate", *machine.state, *names)
        results = ("rate", *machine.state)
        step = compile_assignments(arguments, machine.step, results, table)
        _COMPILED[key] = first, step, schedule  # a reference keeps the schedule's id unique
    return _COMPILED[key][:2]


class State:
    """The state of one machine, in any arithmetic; `wide` converts a recipe's number to it."""

    def __init__(
        self,
        recipe: Recipe,
        base: Any,
        table: Table = SCALAR,
        wide: Callable[[Any], Any] = lambda number: number,
    ) -> None:
        values = {name: wide(given) for name, given in recipe.values(base).items()}
        self.values = {**values, "base_lr": wide(base), "inf": wide(math.inf)}
        first, self._step = _compiled(recipe.schedule, table)
        self.state = {name: function(**self.values) for name, function in first.items()}

    def step(self, metric: Any, rate: Any) -> Any:
        """Return the rate after an update with *metric* at *rate*; the state is updated."""
        rate, *states = self._step(metric=metric, rate=rate, **self.state, **self.values)
        self.state = dict(zip(self.state, states, strict=True))
        return rate


class Trajectory:
    """The rates of one undisturbed machine, computed from step 0 as far as they are needed."""

    def __init__(self, recipe: Recipe, base: float) -> None:
        self.recipe = recipe
        self.state = State(recipe, base)
        self.rates = [base]

    def until(self, t: float) -> list[float]:
        """Return the rates of at least the steps 0 … *t*; raises `BadInput` past `MOST_STEPS`."""
        if t > MOST_STEPS:
            expected = f"at most {MOST_STEPS} steps: each rate depends on all before it"
            raise BadInput("t", t, expected)
        for step in range(len(self.rates) - 1, math.floor(t)):
            metric = metric_at(self.recipe, step)
            self.rates.append(self.state.step(metric, self.rates[-1]))
        return self.rates
