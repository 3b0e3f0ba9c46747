"""Scenarios: the ways to advance a scheduler, each expanded to a plain list of actions.

A worker follows the actions; the reference follows `t`, the step whose rate each update must use.
What each scenario expects is said in words in `spec/scenarios.json`.

actions
    `["updates", n]`       n times: an optimizer update, then `scheduler.step()`
    `["metrics", [m, …]]`  for each metric: an update, then `scheduler.step(m)`
    `["steps", [n, m]]`    n times: `scheduler.step()` alone, every m-th rate looked at
    `["read", n]`          `updates`, but the rate is read in every way, twice, before each
    `["get_lr", n]`        n times: what `get_lr()` returns is looked at, then `scheduler.step()`
    `["together", [n, j]]` n times: an update, then a step of each of the j schedulers in turn
    `["jump", t]`          `scheduler.step(t)`
    `["resume", order]`    save, make anew, load, in one of the orders of `resume_state`
    `["resume_index", i]`  make anew with the index i and the old parameter groups
    `["multiply", x]`, `["set", x]`  change the rate of every group from outside
    `["rebuild", null]`    a second scheduler on the used optimizer
    `["use", j]`           go on with the j-th scheduler of those that were built at the start
    `["add_group", lr]`    a parameter group more
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec import resources
from lrspec.engine.closed_form import Rates, at
from lrspec.spec.recipe import Recipe

Action = tuple[str, Any]


@dataclass(frozen=True, eq=False)
class Scenario:
    """One way to advance the scheduler of one recipe.

    `name` is that of the scenario, then `@` and its variant; `t` holds the step of each update.
    `others` are recipes whose schedulers are built beside the first. `index` is the index that a
    `resume_index` was given, less the one that continues the run. A scenario is equal to itself
    alone, so that what follows from it can be cached.
    """

    name: str
    recipe: Recipe
    actions: tuple[Action, ...]
    t: NDArray[np.float64]
    others: tuple[Recipe, ...] = ()
    index: int | None = None

    @property
    def kind(self) -> str:
        """The name of the scenario without its variant."""
        return self.name.partition("@")[0]

    @property
    def variant(self) -> str:
        """What the variant is called, without the step at which it happens."""
        return split(self.name)[1]

    @property
    def wanted(self) -> str:
        """How all runs of its scenario and variant are asked for: `jump:twice`."""
        return f"{self.kind}:{self.variant}" if self.variant else self.kind

    @property
    def expects_forms(self) -> bool:
        """Tell whether both forms are right, and may answer differently."""
        return forms_expected(self.name)

    @property
    def misuse(self) -> bool:
        """Tell whether people do so although it cannot work everywhere."""
        return self.variant in declared()[self.kind].get("misuse", ())

    @cached_property
    def expected(self) -> Rates:
        """The reference's rates of the steps in `t`, for reading only; raises as `at` does."""
        rates = at(self.recipe, self.t)
        rates.flags.writeable = False
        return rates

    @property
    def updates(self) -> int:
        """How many rates are used by an update, before the scheduler is stepped alone."""
        looked: list[int] = [
            math.ceil(run[0] / run[1]) for verb, run in self.actions if verb == "steps"
        ]
        looked += [count for verb, count in self.actions if verb == "get_lr"]
        return len(self.t) - sum(looked)

    @property
    def stepwise(self) -> bool:
        """Tell whether the updates are those of 0, 1, 2, … and nothing else happens."""
        plain = ("updates", "metrics", "steps", "read", "get_lr")
        return all(verb in plain for verb, _ in self.actions)


def whole(step: float) -> float:
    """Return a step as an integer, where it is one."""
    return int(step) if step == int(step) else float(step)


def split(name: str) -> tuple[str, str]:
    """Return the scenario and the variant, if any, that the *name* of a run's scenario tells."""
    kind, _, rest = name.partition("@")
    step, _, variant = rest.rpartition(":")
    return kind, variant if step or not variant.isdigit() else ""


def forms_expected(name: str) -> bool:
    """Tell whether both forms are right under the scenario that is so called."""
    kind, variant = split(name)
    entry = declared().get(kind, {"expects": "undisturbed"})
    return entry["expects"] == "forms" or variant in entry.get("forms", ())


def selects(wanted: str, name: str) -> bool:
    """Tell whether who asks for *wanted* is given the scenario called *name*.

    `jump` is all of that scenario but the variants that must be asked for by their names,
    `jump:twice` is one variant, `jump@5:twice` one run.
    """
    kind, variant = split(name)
    if wanted == kind:
        return variant not in declared().get(kind, {}).get("asked", ())
    return wanted in (name, f"{kind}:{variant}")


@cache
def declared() -> Mapping[str, Any]:
    """Return what `spec/scenarios.json` says of each scenario, by its name."""
    found: Mapping[str, Any] = resources.read_json(resources.root() / "spec" / "scenarios.json")[
        "scenarios"
    ]
    return found


def with_updates(scenario: Scenario) -> Scenario:
    """Return *scenario* with an update before every step, for a backend that reports no rates."""
    actions = tuple(
        ("updates", argument[0]) if verb == "steps" else (verb, argument)
        for verb, argument in scenario.actions
    )
    return replace(scenario, actions=actions)


def with_index(scenario: Scenario, continues: Callable[[int], int]) -> Scenario:
    """Return *scenario* with the index that goes on from k updates in a backend's own counting."""
    off = scenario.index or 0
    actions = tuple(
        (verb, continues(argument) + off) if verb == "resume_index" else (verb, argument)
        for verb, argument in scenario.actions
    )
    return replace(scenario, actions=actions)
