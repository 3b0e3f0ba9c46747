"""State machines: schedules whose rate depends on their past, walked step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import Function, compile_assignments, compile_formulas
from lrspec.spec.formula.functions import SCALAR, WALKED, Table
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule

#: From a metric and the rate of the step before to the rate of the step after it.
Step = Callable[[Any, Any], Any]


def metric_at(recipe: Recipe, step: int) -> Any:
    """Return the metric of update *step*; after their end the last one again; null is NaN."""
    machine = recipe.schedule.machine
    assert machine is not None  # noqa: S101 - no other recipe has metrics
    metrics: Sequence[float | None] = recipe.values(1.0)[machine.input]
    found = metrics[min(step, len(metrics) - 1)]
    return math.nan if found is None else found


_COMPILED: dict[tuple[int, int], tuple[dict[str, Function], Function, Schedule]] = {}


def _compiled(schedule: Schedule, table: Table) -> tuple[dict[str, Function], Function]:
    """Return what gives each state its first value, and what carries out a step; compiled once."""
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
        _COMPILED[key] = first, step, schedule  # which is kept, so that its id stays its own
    return _COMPILED[key][:2]


class State:
    """The state of one machine, from its first step on, in any arithmetic.

    *wide* turns a number of the recipe into one of the arithmetic.
    """

    def __init__(
        self,
        recipe: Recipe,
        base: Any,
        table: Table = SCALAR,
        wide: Callable[[Any], Any] = lambda found: found,
    ) -> None:
        values = {name: wide(found) for name, found in recipe.values(base).items()}
        self.values = {**values, "base_lr": wide(base), "inf": wide(math.inf)}
        first, self._step = _compiled(recipe.schedule, table)
        self.state = {name: function(**self.values) for name, function in first.items()}

    def step(self, metric: Any, rate: Any) -> Any:
        """Return what *metric* makes of *rate*, and keep the state for the next one."""
        rate, *states = self._step(metric=metric, rate=rate, **self.state, **self.values)
        self.state = dict(zip(self.state, states, strict=True))
        return rate


class Walked:
    """The rates of one machine, from step 0 to wherever they have been asked for."""

    def __init__(self, recipe: Recipe, base: float) -> None:
        self.recipe = recipe
        self.state = State(recipe, base)
        self.rates = [base]

    def until(self, t: float) -> list[float]:
        """Return the rates of the steps 0 … *t* at least; raises `BadInput` beyond `WALKED`."""
        if t > WALKED:
            expected = f"at most {WALKED} steps: each rate follows from all before it"
            raise BadInput("t", t, expected)
        for step in range(len(self.rates) - 1, math.floor(t)):
            metric = metric_at(self.recipe, step)
            self.rates.append(self.state.step(metric, self.rates[-1]))
        return self.rates
