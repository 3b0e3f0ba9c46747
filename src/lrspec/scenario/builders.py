"""Scenario builders: from a recipe, through its landmarks, to the actions of each run.

A builder has the name that `spec/scenarios.json` declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lrspec.engine.closed_form import trace
from lrspec.engine.landmarks import first_without_value, landmarks, span
from lrspec.scenario.actions import sampled
from lrspec.scenario.declaration import declared
from lrspec.scenario.metrics import telling_metrics, with_metrics
from lrspec.scenario.scenario import ActionList, Scenario
from lrspec.scenario.scenario_id import ScenarioId, Selector
from lrspec.spec.recipe import Recipe

LONGEST = 20_000  # steps of a run whose length is not given, at most
LONG = 100_000  # steps of a run that shows drift
FARTHEST = 2_000_000  # steps of a run that shows the end of a schedule, at most
WITH_UPDATES = 100  # updates of an undisturbed run; after them the scheduler is stepped alone
_STRIDE = 97  # a prime, so that the recorded steps are at different positions of each cycle
_DENSE = 20  # landmarks of a long run around which every rate is recorded
_AFTER = 12  # updates after a disturbance
_MARKS = 2  # landmarks that are disturbed, at most
_TIMES = 4  # repetitions of a jump


def horizons(recipe: Recipe) -> tuple[int, int]:
    """Return a horizon just past the last landmark, and one far past it, in steps."""
    whole, longest = span(recipe), _with_rates(recipe, LONGEST)
    return min(whole + 2, longest), min(2 * whole + 5, longest)


def _with_rates(recipe: Recipe, steps: int) -> int:
    """Return *steps*, or how many of them have a rate, with one more to step to."""
    return int(min(steps, first_without_value(recipe) - 1))


#: From a recipe and a number of steps to the scenarios that are run.
Builder = Callable[[Recipe, int], Iterator[Scenario]]
#: Each builder by the name of its scenario, in running order.
SCENARIOS: dict[str, Builder] = {}


def _builder(build: Builder) -> Builder:
    SCENARIOS[build.__name__] = build
    return build


@_builder
def stepwise(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Updates from the start, and nothing else."""
    if recipe.schedule.machine is None:
        yield ActionList(recipe).updates(steps, WITH_UPDATES).scenario("stepwise", steps)


@_builder
def metrics(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Updates from the start, each with a metric: the recipe's own, and telling ones."""
    if recipe.schedule.machine is None:
        return
    yield ActionList(recipe).updates(steps).scenario("metrics", steps)
    for name, sequence in telling_metrics(recipe, steps - 1).items():
        count = len(sequence) + 1  # the last update uses the rate after the last metric
        telling = ActionList(with_metrics(recipe, sequence)).updates(count)
        yield telling.scenario("metrics", count, name)


@_builder
def jump(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Jumps to landmarks and the steps beside them, forward, backward and repeated."""
    if recipe.schedule.machine is not None:  # its step() takes a metric
        return
    marks = _marks(recipe, steps)
    first, middle, last = marks[0], marks[len(marks) // 2], marks[-1]
    whole = (max(first - 1, 0), last, first, first, 0, middle, min(last + 2, steps), 1)
    targets: dict[str, tuple[float, ...]] = {"whole": whole}
    if recipe.schedule.document.get("fractions"):
        targets["fraction"] = (first + 0.5, last + 0.25, 0.5, first - 0.5)
    for variant, of_variant in targets.items():
        built = ActionList(recipe).updates(2)
        for target in of_variant:
            built.then("jump", target, target).updates(3)
        yield built.scenario("jump", None, variant)
    yield _twice(recipe, first)
    yield _jump_after_a_change(recipe, max(first // 2, 1))


def _twice(recipe: Recipe, k: int) -> Scenario:
    """Return jumps to one step: some in a row, then some with an update after each."""
    built = ActionList(recipe).updates(1)
    for _ in range(_TIMES):
        built.then("jump", k, k)
    built.updates(3)
    for _ in range(_TIMES):
        built.then("jump", k, k).updates(1)
    return built.updates(2).scenario("jump", k, "twice")


def _jump_after_a_change(recipe: Recipe, k: int) -> Scenario:
    built = ActionList(recipe).updates(k).then("set", recipe.bases[0] / 10).updates(2)
    for target in (k + 2, k):
        built.then("jump", target, target).updates(3)
    return built.scenario("jump", k, "changed")


@_builder
def groups(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Two parameter groups, the second with a tenth of the base rate, if there was one."""
    base = recipe.bases[0]
    grouped = recipe.with_base(base, base / 10) if recipe.single else recipe
    yield ActionList(grouped).updates(steps, WITH_UPDATES).scenario("groups", steps)


@_builder
def get_lr(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """The rate read between two updates, and the result of `get_lr()` recorded."""
    if recipe.schedule.machine is None:
        count = min(steps, WITH_UPDATES)
        for verb, variant in (("read", "called-twice"), ("get_lr", "returned")):
            yield ActionList(recipe).then(verb, count).scenario("get_lr", count, variant)


@_builder
def resume_state(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Saved, rebuilt and loaded at 0 and around each landmark, in every order."""
    for order in declared()["resume_state"].variants:
        for k in _around(recipe, steps):
            built = ActionList(recipe).updates(k).then("resume", order).updates(_AFTER)
            yield built.scenario("resume_state", k, order)


@_builder
def resume_index(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """Rebuilt with an index: the right one, and the common wrong one."""
    for name, off in (("continues", 0), ("k", 1)):
        for k in _around(recipe, steps):
            built = ActionList(recipe).updates(k).then("resume_index", k).updates(_AFTER)
            yield built.scenario("resume_index", k, name, index=off)


@_builder
def changed(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """The rate changed from outside: before a landmark, at it, at the start, at a rate of 0."""
    first = _marks(recipe, steps)[0]
    zeros = np.flatnonzero(trace(recipe, steps)[:, 0] == 0)[:1]
    for k in dict.fromkeys([max(first // 2, 1), first, 0, *zeros.tolist()]):
        for name, verb, by in (("halved", "multiply", 0.5), ("set", "set", recipe.bases[0] / 100)):
            rest = max(steps - k, _AFTER)
            built = ActionList(recipe).updates(k).then(verb, by).updates(rest)
            yield built.scenario("changed", k, name)


@_builder
def rebuilt(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """A second scheduler on the used optimizer, and two schedulers built at the start."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    built = ActionList(recipe).updates(k).then("rebuild", None, 0).updates(steps)
    yield built.scenario("rebuilt", k, "anew")
    yield in_turn((recipe, recipe), k, steps)
    if recipe.schedule.machine is None:
        yield alternately((recipe, recipe), steps)


def in_turn(recipes: tuple[Recipe, ...], k: int, steps: int) -> Scenario:
    """Return schedulers that are built on one optimizer and run one after another."""
    built = ActionList(recipes[0]).updates(k)
    for j in range(1, len(recipes)):
        built.then("use", j, 0).updates(steps if j + 1 == len(recipes) else k)
    return built.scenario("rebuilt", k, "in-turn", others=recipes[1:])


def alternately(recipes: tuple[Recipe, ...], steps: int) -> Scenario:
    """Return schedulers on one optimizer that are all stepped after each update."""
    built = ActionList(recipes[0]).then("together", (steps, len(recipes)))
    return built.scenario("rebuilt", 0, "alternately", others=recipes[1:])


@_builder
def late_group(recipe: Recipe, steps: int) -> Iterator[Scenario]:
    """A parameter group added during the run."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    added = recipe.bases[0] / 10
    built = ActionList(recipe).updates(k).then("add_group", added).updates(max(steps - k, _AFTER))
    yield built.scenario("late_group", k)


@_builder
def long(recipe: Recipe, _: int) -> Iterator[Scenario]:
    """Many steps of the scheduler alone."""
    if recipe.schedule.machine is None:
        yield sampled_run(recipe, LONG, _STRIDE)


def past_the_end(recipe: Recipe, longest: int) -> Iterator[Scenario]:
    """Steps of the scheduler alone past the last landmark, if a run of *longest* is too short.

    They are at most `FARTHEST`; about a thousand of their rates are recorded, as in `long`.
    """
    count = min(span(recipe) + LONGEST, FARTHEST)
    if recipe.schedule.machine is None and span(recipe) > longest:
        yield sampled_run(recipe, count, max(count // 1000, 1))


def sampled_run(recipe: Recipe, count: int, stride: int) -> Scenario:
    """Return *count* steps of the scheduler alone.

    Every *stride*-th rate is recorded, and all around the first and last landmarks and at the end.
    """
    count = _with_rates(recipe, count)
    marks = [*landmarks(recipe, count)]
    near = {m + off for m in (*marks[:_DENSE], *marks[-_DENSE:], count) for off in range(-3, 3)}
    t = sorted({*range(0, count, stride), *(step for step in near if 0 <= step < count)})
    return Scenario(ScenarioId("long", count), recipe, sampled(t), np.array(t, dtype=float))


def _marks(recipe: Recipe, steps: int) -> list[int]:
    """Return the landmarks up to *steps* that some steps follow, or a step in the middle."""
    last = _with_rates(recipe, steps + _AFTER + 1) - _AFTER - 1
    return [*landmarks(recipe, last)] or [max(last // 2, 1)]


def _around(recipe: Recipe, steps: int) -> list[int]:
    """Return the first landmarks, the steps beside them, and 0."""
    beside = [mark + off for mark in _marks(recipe, steps)[:_MARKS] for off in (-1, 0, 1)]
    return [*sorted({k for k in beside if k > 0}), 0]


def expand(recipe: Recipe, wanted: Selector | str, steps: int) -> list[Scenario]:
    """Return the scenarios of *recipe* over *steps* steps that a selector or its text selects.

    Raises `BadInput` for a text that is no selector.
    """
    selector = Selector.parse(wanted) if isinstance(wanted, str) else wanted
    scenarios = SCENARIOS[selector.name](recipe, steps)
    return [scenario for scenario in scenarios if selector.selects(scenario.id)]


def telling_scenarios(recipe: Recipe, longest: int) -> list[Scenario]:
    """Return runs with metrics that tell implementations apart, if the schedule uses a metric."""
    variants = declared()["metrics"].variants
    return [one for name in variants for one in expand(recipe, f"metrics:{name}", longest)]
