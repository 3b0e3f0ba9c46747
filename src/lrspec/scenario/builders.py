"""Scenario builders: from a recipe, through its landmarks, to the actions of each run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lrspec.engine.closed_form import trace
from lrspec.engine.landmarks import landmarks, span
from lrspec.engine.state_machine import metric_at
from lrspec.scenario.scenario import Action, Scenario, declared, selects
from lrspec.spec.recipe import Recipe

#: The longest run that is chosen without being asked for, in steps.
LONGEST = 20_000
#: The length of a run that looks for drift, in steps.
LONG = 100_000
#: As far as a scheduler is followed to see its end, in steps.
FARTHEST = 2_000_000
#: Beyond so many updates a plain run steps its scheduler alone: the optimizer has been seen.
WITH_UPDATES = 100
_STRIDE = 97  # a prime, so that no cycle is looked at in the same places
_AFTER = 12  # the updates that follow a disturbance, at most
_MARKS = 2  # the landmarks that a run is disturbed at, at most
_TIMES = 4  # as often as a step is repeated


def horizons(recipe: Recipe) -> tuple[int, int]:
    """Return a horizon just past all that happens, and one far past it, in steps."""
    whole = span(recipe)
    return min(whole + 2, LONGEST), min(2 * whole + 5, LONGEST)


class _Builder:
    """Actions as they are added, and the step of each update."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.actions: list[Action] = []
        self.t: list[float] = []
        self.now: float = 0

    def updates(self, count: float, with_optimizer: float = math.inf) -> _Builder:
        """Do so many updates, and beyond *with_optimizer* of them step the scheduler alone."""
        steps = [self.now + i for i in range(int(count))]
        if self.recipe.schedule.machine is None:
            alone = int(max(len(steps) - with_optimizer, 0))
            self.actions.append(("updates", len(steps) - alone))
            if alone:
                self.actions.append(("steps", (alone, 1)))
        else:
            metrics = tuple(metric_at(self.recipe, int(step)) for step in steps)
            self.actions.append(("metrics", metrics))
        self.t += steps
        self.now += len(steps)
        return self

    def steps(self, verb: str, count: int, argument: Any) -> _Builder:
        """Do so many of what *verb* does, each at its step."""
        self.t += [self.now + i for i in range(count)]
        return self.then(verb, argument, self.now + count)

    def then(self, verb: str, argument: Any, now: float | None = None) -> _Builder:
        self.actions.append((verb, argument))
        self.now = self.now if now is None else now
        return self

    def scenario(self, name: str, **rest: Any) -> Scenario:
        return Scenario(name, self.recipe, tuple(self.actions), np.array(self.t, float), **rest)


def stepwise(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Update after update from the start."""
    if recipe.schedule.machine is None:
        yield _Builder(recipe).updates(steps, WITH_UPDATES).scenario(f"stepwise@{steps}")


def metrics(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """The same with a metric a step."""
    if recipe.schedule.machine is not None:
        yield _Builder(recipe).updates(steps).scenario(f"metrics@{steps}")


def long(recipe: Recipe, _: int) -> Iterator[Scenario]:
    """Steps of the scheduler alone, many of them."""
    if recipe.schedule.machine is None:
        yield _alone(recipe, LONG, _STRIDE)


def past_the_end(recipe: Recipe, longest: int) -> Iterator[Scenario]:
    """Steps of the scheduler alone past all that happens, where a run of *longest* does not come.

    They are at most `FARTHEST`, and a thousand of their rates or so are looked at.
    """
    count = min(span(recipe) + LONGEST, FARTHEST)
    if recipe.schedule.machine is None and span(recipe) > longest:
        yield _alone(recipe, count, max(count // 1000, 1))


def _alone(recipe: Recipe, count: int, stride: int) -> Scenario:
    t = np.arange(0, count, stride, dtype=float)
    return Scenario(f"long@{count}", recipe, (("steps", (count, stride)),), t)


def groups(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Two parameter groups, the second with a tenth of the base rate, where there was one."""
    base = recipe.bases[0]
    grouped = recipe.with_base(base, base / 10) if recipe.single else recipe
    yield _Builder(grouped).updates(steps, WITH_UPDATES).scenario(f"groups@{steps}")


def jump(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """To landmarks and beside them: forward, backward, twice to one, with some updates each."""
    if recipe.schedule.machine is not None:  # its step() takes a metric
        return
    marks = _marks(recipe, steps)
    first, middle, last = marks[0], marks[len(marks) // 2], marks[-1]
    ends = [max(first - 1, 0), last, first, first, 0, middle, min(last + 2, steps), 1]
    targets: dict[str, list[float]] = {"jump@whole": [*ends]}
    if recipe.schedule.document.get("fractions"):
        targets["jump@fraction"] = [first + 0.5, last + 0.25, 0.5, first - 0.5]
    for name, steps_to in targets.items():
        built = _Builder(recipe).updates(2)
        for target in steps_to:
            built.then("jump", target, target).updates(3)
        yield built.scenario(name)
    yield _twice(recipe, first)
    yield _jump_after_a_change(recipe, max(first // 2, 1))


def _twice(recipe: Recipe, k: int) -> Scenario:
    """Return the scenario of jumps to one step, some in a row, then some with an update each."""
    built = _Builder(recipe).updates(1)
    for _ in range(_TIMES):
        built.then("jump", k, k)
    built.updates(3)
    for _ in range(_TIMES):
        built.then("jump", k, k).updates(1)
    return built.updates(2).scenario(f"jump@{k}:twice")


def _jump_after_a_change(recipe: Recipe, k: int) -> Scenario:
    """Return the scenario of a rate that is set from outside, and of jumps forward and backward."""
    built = _Builder(recipe).updates(k).then("set", recipe.bases[0] / 10).updates(2)
    for target in (k + 2, k):
        built.then("jump", target, target).updates(3)
    return built.scenario(f"jump@{k}:changed")


def get_lr(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Read between two updates, and what the reading says."""
    if recipe.schedule.machine is None:
        count = min(steps, WITH_UPDATES)
        yield _Builder(recipe).steps("read", count, count).scenario(f"get_lr@{count}:called-twice")
        yield _Builder(recipe).steps("get_lr", count, count).scenario(f"get_lr@{count}:returned")


def resume_state(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Saved, made anew and loaded at 0 and around each landmark, in every order."""
    for order in declared()["resume_state"]["variants"]:
        for k in _around(recipe, steps):
            built = _Builder(recipe).updates(k).then("resume", order).updates(_AFTER)
            yield built.scenario(f"resume_state@{k}:{order}")


def resume_index(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Built anew with an index, the right one and the one that people give."""
    for name, off in (("continues", 0), ("k", 1)):
        for k in _around(recipe, steps):
            built = _Builder(recipe).updates(k).then("resume_index", k).updates(_AFTER)
            yield built.scenario(f"resume_index@{k}:{name}", index=off)


def changed(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """The rate changed from outside: under a fall, at a landmark, at the start, at a rate of 0."""
    first = _marks(recipe, steps)[0]
    zeros = np.flatnonzero(trace(recipe, steps)[:, 0] == 0)[:1]
    for k in dict.fromkeys([max(first // 2, 1), first, 0, *zeros.tolist()]):
        for name, verb, by in (("halved", "multiply", 0.5), ("set", "set", recipe.bases[0] / 100)):
            rest = max(steps - k, _AFTER)
            built = _Builder(recipe).updates(k).then(verb, by).updates(rest)
            yield built.scenario(f"changed@{k}:{name}")


def rebuilt(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """A second scheduler on the used optimizer; two built at once, run in turn."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    built = _Builder(recipe).updates(k).then("rebuild", None, 0).updates(steps)
    yield built.scenario(f"rebuilt@{k}:anew")
    yield in_turn((recipe, recipe), k, steps)
    if recipe.schedule.machine is None:
        yield alternately((recipe, recipe), steps)


def in_turn(recipes: tuple[Recipe, ...], k: int, steps: int) -> Scenario:
    """Return the scenario of schedulers built on one optimizer and run one after the other."""
    built = _Builder(recipes[0]).updates(k)
    for j in range(1, len(recipes)):
        built.then("use", j, 0).updates(steps if j + 1 == len(recipes) else k)
    return built.scenario(f"rebuilt@{k}:in-turn", others=recipes[1:])


def alternately(recipes: tuple[Recipe, ...], steps: int) -> Scenario:
    """Return the scenario of schedulers on one optimizer that are all stepped after each update."""
    built = _Builder(recipes[0]).steps("together", steps, (steps, len(recipes)))
    return built.scenario("rebuilt@0:alternately", others=recipes[1:])


def late_group(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """A parameter group that is added during the run."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    added = recipe.bases[0] / 10
    built = _Builder(recipe).updates(k).then("add_group", added).updates(max(steps - k, _AFTER))
    yield built.scenario(f"late_group@{k}")


def _marks(recipe: Recipe, steps: int) -> list[int]:
    return [*landmarks(recipe, steps)] or [max(steps // 2, 1)]


def _around(recipe: Recipe, steps: int) -> list[int]:
    """Return each of the first landmarks with the steps beside it, and 0."""
    beside = [mark + off for mark in _marks(recipe, steps)[:_MARKS] for off in (-1, 0, 1)]
    return [*sorted({k for k in beside if k > 0}), 0]


#: Each scenario by its name: from a recipe and a number of steps to the runs that it asks for.
SCENARIOS: dict[str, Callable[[Recipe, int], Iterator[Scenario]]] = {
    "stepwise": stepwise,
    "metrics": metrics,
    "jump": jump,
    "groups": groups,
    "get_lr": get_lr,
    "resume_state": resume_state,
    "resume_index": resume_index,
    "changed": changed,
    "rebuilt": rebuilt,
    "late_group": late_group,
    "long": long,
}


def expand(recipe: Recipe, name: str, steps: int) -> list[Scenario]:
    """Return the runs that the scenario *name* asks for over *recipe*, over *steps* steps.

    It may name one variant, `jump:twice`, or one run, `jump@5:twice`.
    """
    return [run for run in SCENARIOS[kind_of(name)](recipe, steps) if selects(name, run.name)]


def kind_of(wanted: str) -> str:
    """Return the scenario of which *wanted* may name a variant or a run."""
    return wanted.partition("@")[0].partition(":")[0]


def is_scenario(wanted: str) -> bool:
    """Tell whether *wanted* names a scenario, a variant of one, or what may be a run of one."""
    kind = kind_of(wanted)
    variants = [f"{kind}:{variant}" for variant in declared().get(kind, {}).get("variants", ())]
    return kind in SCENARIOS and (wanted in (kind, *variants) or wanted.startswith(f"{kind}@"))
