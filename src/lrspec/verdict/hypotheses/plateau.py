"""Schedules that read a metric, and take it otherwise than the specification does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates
from lrspec.engine.state_machine import State
from lrspec.scenario.scenario import Scenario
from lrspec.verdict.evidence import Evidence, Prediction

#: From a metric, the first one, and the state before it, to what is taken for it.
Taken = Callable[[float, float, dict[str, Any]], float]


def _not_in_a_cooldown(metric: float, _first: float, state: dict[str, Any]) -> float:
    return math.nan if state["cooling"] > 0 else metric


def _first_is_best(metric: float, first: float, state: dict[str, Any]) -> float:
    """Return a number for a first NaN, and NaN for whatever is compared with it."""
    if not math.isnan(first):
        return metric
    return 0.0 if math.isinf(state["best"]) else math.nan


#: A kind, a sentence, the rule that is broken, and the way to take a metric.
_WAYS: tuple[tuple[str, str, str, Taken], ...] = (
    (
        "metrics in a cooldown ignored",
        "A metric that comes in a cooldown is not looked at, be it the best so far.",
        "R2",
        _not_in_a_cooldown,
    ),
    (
        "NaN taken for the best",
        "The first metric is taken for the best, though it is NaN: nothing is ever better.",
        "R7",
        _first_is_best,
    ),
)


def other_machine(evidence: Evidence) -> Iterator[Prediction]:
    """The specification's machine, given other metrics than it was."""
    for found in predictions(evidence.scenario):
        yield replace(found, sentence=f"{found.sentence} {evidence.seen}")


def predictions(scenario: Scenario) -> Iterator[Prediction]:
    """Return what may come of the metrics."""
    if scenario.recipe.schedule.machine is not None and scenario.stepwise:
        for kind, sentence, rule, taken in _WAYS:
            yield Prediction(kind, sentence, _walked(scenario, taken), rule=rule)


def _walked(scenario: Scenario, taken: Taken) -> Rates:
    metrics = [metric for verb, found in scenario.actions if verb == "metrics" for metric in found]
    columns = []
    for base in scenario.recipe.bases:
        state, rates = State(scenario.recipe, base), [base]
        for metric in metrics[:-1]:
            rates.append(state.step(taken(metric, metrics[0], state.state), rates[-1]))
        columns.append(rates)
    return np.array(columns).T
