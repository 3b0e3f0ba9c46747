"""State machines: schedules whose rate depends on all earlier steps, computed one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.decimals import DECIMAL_RATES, decimal_context, wide
from lrspec.spec.formula.functions import SCALAR, Table, whole_steps
from lrspec.spec.recipe import Recipe


def metric_at(recipe: Recipe, step: int) -> float:
    """Return the metric of update *step*; the last metric repeats, and null is NaN."""
    machine = recipe.schedule.machine
    assert machine is not None  # noqa: S101 - only a state machine reads metrics
    metrics: Sequence[float | None] = recipe.values(1.0)[machine.input]
    metric = metrics[min(step, len(metrics) - 1)]
    return math.nan if metric is None else metric


def continued(recipe: Recipe) -> Recipe:
    """Return *recipe* from where it was read: a state machine continues from its state there.

    Its base rates are the rates there, and its first metric is the first one after. In the state,
    null is NaN. A recipe that was not read in mid-run, or has no valid state, is returned as it is.
    """
    machine, state = recipe.schedule.machine, (recipe.about or {}).get("state")
    if machine is None or recipe.start is not None or not isinstance(state, Mapping):
        return recipe
    known = {n: state[n] for n in machine.state if n in state}
    numbers = {n: math.nan if number is None else number for n, number in known.items()}
    start = {n: numbers[n] for n, number in known.items() if number is None or _is_finite(number)}
    rates = state.get("rate", list(recipe.bases))
    if not isinstance(rates, Sequence) or not all(_is_finite(rate) and rate >= 0 for rate in rates):
        return recipe
    if len(rates) not in (1, len(recipe.bases)) or not start:
        return recipe
    given, position = dict(recipe.given), int(recipe.position)
    if machine.input in given:
        metrics = given[machine.input]
        given[machine.input] = metrics[min(position, len(metrics) - 1) :]
    bases = tuple(map(float, rates)) * (len(recipe.bases) // len(rates))
    return replace(recipe, given=given, base_lr=bases, start=start)


def _is_finite(number: object) -> bool:
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return is_number and math.isfinite(number)  # type: ignore[arg-type]


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
        schedule, machine = recipe.schedule, recipe.schedule.machine
        assert machine is not None  # noqa: S101
        names = (*schedule.valued, "base_lr", "inf")
        self.state = {
            name: compile_formulas(names, (), formula, table)(**self.values)
            for name, formula in machine.state.items()
        }
        arguments = ("metric", "rate", *machine.state, *names)
        start = recipe.start or {}
        self.state |= {name: wide(start[name]) for name in self.state if name in start}
        self._step = compile_formulas(arguments, machine.step, machine.result, table)

    def step(self, metric: Any, rate: Any) -> Any:
        """Return the rate after an update with *metric* at *rate*; the state is updated."""
        rate, *states = self._step(metric=metric, rate=rate, **self.state, **self.values)
        self.state = dict(zip(self.state, states, strict=True))
        return rate


class Trajectory:
    """The rates of one undisturbed machine, computed from step 0 as far as they are needed.

    The rates are kept as decimals and rounded where they are read, so that no number of reductions
    adds up to an error; metrics are compared in double precision.
    """

    def __init__(self, recipe: Recipe, base: float) -> None:
        self.recipe = recipe
        self.state = State(recipe, base, DECIMAL_RATES)
        self.rate = wide(base)
        self.rates = [base]

    def until(self, t: float) -> list[float]:
        """Return the rates of at least the steps 0 … *t*; raises `BadInput` past `MOST_STEPS`."""
        with decimal_context():
            for step in range(len(self.rates) - 1, whole_steps(t)):
                before = self.rate
                self.rate = self.state.step(metric_at(self.recipe, step), before)
                same = self.rate is before
                self.rates.append(self.rates[-1] if same else float(self.rate))
        return self.rates
