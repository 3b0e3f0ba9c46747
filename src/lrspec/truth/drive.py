"""Drives: the ways to advance a scheduler, each expanded to a plain list of actions.

A worker follows the actions; the reference follows `t`, the step whose rate each update must use.
What each drive expects is said in words in `spec/drives.json`.

actions
    `["updates", n]`       n times: an optimizer update, then `scheduler.step()`
    `["metrics", [m, …]]`  for each metric: an update, then `scheduler.step(m)`
    `["steps", [n, m]]`    n times: `scheduler.step()` alone, every m-th rate looked at
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec import data
from lrspec.truth.landmarks import landmarks, span
from lrspec.truth.machine import metric_at
from lrspec.truth.recipe import Recipe
from lrspec.truth.reference import Rates, at, trace

Action = tuple[str, Any]
#: The longest run that is chosen without being asked for, in steps.
LONGEST = 20_000
#: The length of a run that looks for drift, in steps.
LONG = 100_000
#: Beyond so many updates a plain run steps its scheduler alone: the optimizer has been seen.
WITH_UPDATES = 100
_STRIDE = 97  # a prime, so that no cycle is looked at in the same places
_AFTER = 12  # the updates that follow a disturbance, at most
_MARKS = 2  # the landmarks that a run is disturbed at, at most


@dataclass(frozen=True, eq=False)
class Drive:
    """One way to advance the scheduler of one recipe.

    `name` is that of the drive, then `@` and its variant; `t` holds the step of each update.
    `others` are recipes whose schedulers are built beside the first. `index` is the index that a
    `resume_index` was given, less the one that continues the run. A drive is equal to itself alone,
    so that what follows from it can be kept.
    """

    name: str
    recipe: Recipe
    actions: tuple[Action, ...]
    t: NDArray[np.float64]
    others: tuple[Recipe, ...] = ()
    index: int | None = None

    @property
    def kind(self) -> str:
        """The name of the drive without its variant."""
        return self.name.partition("@")[0]

    @property
    def variant(self) -> str:
        """What the variant is called, without the step at which it happens."""
        return self.name.rpartition(":")[2] if ":" in self.name else ""

    @property
    def expects_forms(self) -> bool:
        """Tell whether both forms are right, and may answer differently."""
        return bool(declared()[self.kind]["expects"] == "forms")

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
        runs = [run for verb, run in self.actions if verb == "steps"]
        return len(self.t) - sum(len(range(0, run[0], run[1])) for run in runs)

    @property
    def stepwise(self) -> bool:
        """Tell whether the updates are those of 0, 1, 2, … and nothing else happens."""
        return all(verb in ("updates", "metrics", "steps") for verb, _ in self.actions)


def whole(step: float) -> float:
    """Return a step as an integer, where it is one."""
    return int(step) if step == int(step) else float(step)


@cache
def declared() -> Mapping[str, Any]:
    """Return what `spec/drives.json` says of each drive, by its name."""
    found: Mapping[str, Any] = data.read_json(data.root() / "spec" / "drives.json")["drives"]
    return found


def horizons(recipe: Recipe) -> tuple[int, int]:
    """Return a horizon just past all that happens, and one far past it, in steps."""
    whole = span(recipe)
    return min(whole + 2, LONGEST), min(2 * whole + 5, LONGEST)


class _Course:
    """Actions as they are added, and the step of each update."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.actions: list[Action] = []
        self.t: list[float] = []
        self.now: float = 0

    def updates(self, count: float, with_optimizer: float = math.inf) -> _Course:
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

    def then(self, verb: str, argument: Any, now: float | None = None) -> _Course:
        self.actions.append((verb, argument))
        self.now = self.now if now is None else now
        return self

    def drive(self, name: str, **rest: Any) -> Drive:
        return Drive(name, self.recipe, tuple(self.actions), np.array(self.t, float), **rest)


def stepwise(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """Update after update from the start."""
    if recipe.schedule.machine is None:
        yield _Course(recipe).updates(steps, WITH_UPDATES).drive(f"stepwise@{steps}")


def metrics(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """The same with a metric a step."""
    if recipe.schedule.machine is not None:
        yield _Course(recipe).updates(steps).drive(f"metrics@{steps}")


def long(recipe: Recipe, _: int) -> Iterator[Drive]:
    """Steps of the scheduler alone, many of them."""
    if recipe.schedule.machine is None:
        t = np.arange(0, LONG, _STRIDE, dtype=float)
        yield Drive(f"long@{LONG}", recipe, (("steps", (LONG, _STRIDE)),), t)


def groups(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """Two parameter groups, the second with a tenth of the base rate, where there was one."""
    base = recipe.bases[0]
    grouped = recipe.with_base(base, base / 10) if recipe.single else recipe
    yield _Course(grouped).updates(steps, WITH_UPDATES).drive(f"groups@{steps}")


def jump(recipe: Recipe, steps: int) -> Iterator[Drive]:
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
        course = _Course(recipe).updates(2)
        for target in steps_to:
            course.then("jump", target, target).updates(3)
        yield course.drive(name)


def resume_state(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """Saved, made anew and loaded at 0 and around each landmark, in every order."""
    for order in declared()["resume_state"]["variants"]:
        for k in _around(recipe, steps):
            course = _Course(recipe).updates(k).then("resume", order).updates(_AFTER)
            yield course.drive(f"resume_state@{k}:{order}")


def resume_index(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """Built anew with an index, the right one and the one that people give."""
    for name, off in (("continues", 0), ("k", 1)):
        for k in _around(recipe, steps):
            course = _Course(recipe).updates(k).then("resume_index", k).updates(_AFTER)
            yield course.drive(f"resume_index@{k}:{name}", index=off)


def changed(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """The rate changed from outside: under a fall, at a landmark, at the start, at a rate of 0."""
    first = _marks(recipe, steps)[0]
    zeros = np.flatnonzero(trace(recipe, steps)[:, 0] == 0)[:1]
    for k in dict.fromkeys([max(first // 2, 1), first, 0, *zeros.tolist()]):
        for name, verb, by in (("halved", "multiply", 0.5), ("set", "set", recipe.bases[0] / 100)):
            rest = max(steps - k, _AFTER)
            course = _Course(recipe).updates(k).then(verb, by).updates(rest)
            yield course.drive(f"changed@{k}:{name}")


def rebuilt(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """A second scheduler on the used optimizer; two built at once, run in turn."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    course = _Course(recipe).updates(k).then("rebuild", None, 0).updates(steps)
    yield course.drive(f"rebuilt@{k}:anew")
    yield in_turn((recipe, recipe), k, steps)


def in_turn(recipes: tuple[Recipe, ...], k: int, steps: int) -> Drive:
    """Return the drive of schedulers built on one optimizer and run one after the other."""
    course = _Course(recipes[0]).updates(k)
    for j in range(1, len(recipes)):
        course.then("use", j, 0).updates(steps if j + 1 == len(recipes) else k)
    return course.drive(f"rebuilt@{k}:in-turn", others=recipes[1:])


def late_group(recipe: Recipe, steps: int) -> Iterator[Drive]:
    """A parameter group that is added during the run."""
    k = max(_marks(recipe, steps)[0] // 2, 1)
    added = recipe.bases[0] / 10
    course = _Course(recipe).updates(k).then("add_group", added).updates(max(steps - k, _AFTER))
    yield course.drive(f"late_group@{k}")


def _marks(recipe: Recipe, steps: int) -> list[int]:
    return [*landmarks(recipe, steps)] or [max(steps // 2, 1)]


def _around(recipe: Recipe, steps: int) -> list[int]:
    """Return each of the first landmarks with the steps beside it, and 0."""
    beside = [mark + off for mark in _marks(recipe, steps)[:_MARKS] for off in (-1, 0, 1)]
    return [*sorted({k for k in beside if k > 0}), 0]


#: Each drive by its name: from a recipe and a number of steps to the runs that it asks for.
DRIVES: dict[str, Callable[[Recipe, int], Iterator[Drive]]] = {
    "stepwise": stepwise,
    "metrics": metrics,
    "jump": jump,
    "groups": groups,
    "resume_state": resume_state,
    "resume_index": resume_index,
    "changed": changed,
    "rebuilt": rebuilt,
    "late_group": late_group,
    "long": long,
}


def expand(recipe: Recipe, name: str, steps: int) -> list[Drive]:
    """Return the runs that the drive *name* asks for over *recipe*, over *steps* steps."""
    return list(DRIVES[name](recipe, steps))


def with_updates(drive: Drive) -> Drive:
    """Return *drive* with an update before every step, for a backend that reports no rates."""
    actions = tuple(
        ("updates", argument[0]) if verb == "steps" else (verb, argument)
        for verb, argument in drive.actions
    )
    return replace(drive, actions=actions)


def with_index(drive: Drive, continues: Callable[[int], int]) -> Drive:
    """Return *drive* with the index that goes on from k updates in a backend's own counting."""
    off = drive.index or 0
    actions = tuple(
        (verb, continues(argument) + off) if verb == "resume_index" else (verb, argument)
        for verb, argument in drive.actions
    )
    return replace(drive, actions=actions)
