"""Does a live scheduler follow a recipe? For a user's own tests and training runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from lrspec.api import read
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput, LrspecError
from lrspec.loaded import Schedule, load
from lrspec.port.scheduler import Scheduler
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.own_run import run_length
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare, pair
from lrspec.verdict.results import window
from lrspec.worker.copies import rates_ahead

RecipeLike = Schedule | str | Path | Mapping[str, Any]


def assert_follows(
    scheduler: Scheduler, recipe: RecipeLike, *, steps: int | None = None, start: int = 0
) -> None:
    """Raise `AssertionError` unless *scheduler* has the rates of *recipe*, up to rounding.

    *recipe* is a schedule, a dictionary, a file, or a published recipe's name; a single base rate
    is for all parameter groups. A copy of the scheduler is stepped *steps* times, by default over
    the recipe's own run of at most 20,000 steps; the scheduler itself is not stepped. Its next
    update is step *start* of the recipe. A plateau is stepped with the recipe's `metrics`. Raises
    `BadInput` for an invalid recipe and for a scheduler that cannot be copied.

    Example, of a test::

        def test_the_schedule_is_that_of_the_paper():
            lrspec.assert_follows(train.make_scheduler(), "bert", steps=20_000)

    """
    schedule, name = named(recipe)
    metrics = schedule.recipe.given.get("metrics", ())
    count = run_length(schedule.recipe, steps, LONGEST).steps
    expected = schedule.trace(start + count)[start:]
    rows, raised = rates_ahead(scheduler, count, list(metrics)[start:])
    if not rows:
        raise BadInput("scheduler", type(scheduler).__name__, "a scheduler that can be copied")
    observed = np.asarray(rows, dtype=np.float64)
    expected = for_groups(schedule, expected, observed)
    message = different_groups(expected, observed) or _difference(name, expected, observed, start)
    if not message and len(rows) < count:
        step = start + len(rows)
        message = f"the scheduler raises {raised or 'an error'} before step {step} of {name}"
    if message:
        raise AssertionError("\n".join([message, *differing_parameters(scheduler, schedule)]))


def named(recipe: RecipeLike) -> tuple[Schedule, str]:
    """Return the schedule of *recipe*, and what to call it in a message."""
    schedule = recipe if isinstance(recipe, Schedule) else load(recipe)
    if isinstance(recipe, (str, Path)):
        return schedule, str(recipe)
    return schedule, f"the {schedule.recipe.kind} recipe"


def for_groups(schedule: Schedule, expected: Rates, observed: Rates) -> Rates:
    """Return the *expected* rates of *schedule*, those of a single base rate for every group."""
    if not schedule.recipe.single:
        return expected
    return np.repeat(expected, observed.shape[1], axis=1)


def different_groups(expected: Rates, observed: Rates) -> str:
    """Return that the numbers of parameter groups differ; empty if they do not."""
    if expected.shape[1] == observed.shape[1]:
        return ""
    return (
        f"the scheduler has {observed.shape[1]} parameter groups, "
        f"the recipe has {expected.shape[1]} base rates"
    )


def _difference(name: str, expected: Rates, observed: Rates, start: int) -> str:
    """Return the first difference, its extent, and the rates around it; empty if there is none."""
    expected = expected[: len(observed)]
    difference = compare(expected, observed, tolerance_of("float64"))
    first = difference.first
    if first is None:
        return ""
    right, wrong = pair(expected[first], observed[first])
    head = (
        f"the scheduler does not follow {name}: at step {start + first} it uses {wrong} "
        f"where the recipe has {right}; {difference.count} of {len(observed)} steps differ, by up "
        f"to {difference.max_rel:.3g} of the peak"
    )
    rows = window(first, len(observed))
    marked = [start + row for row in difference.rows]
    shown = slice(rows.start, rows.stop)
    return "\n".join([head, *table(start + rows.start, expected[shown], observed[shown], marked)])


def table(
    start: int,
    expected: Rates,
    observed: Rates,
    marked: Sequence[int],
    observed_head: str = "scheduler",
) -> Iterator[str]:
    """Yield the rates from step *start* on, a line per step, with a star at the *marked* steps."""
    yield f"{'step':>9}  {'recipe':<22} {observed_head}"
    for step, (right, used) in enumerate(zip(expected, observed, strict=True), start):
        sign = "*" if step in marked else " "
        yield f"{sign}{step:>8}  {_row(right):<22} {_row(used)}"


def _row(rates: Rates) -> str:
    """Return the rates of the groups; only one if all are the same."""
    texts = [f"{rate:.10g}" for rate in rates]
    return texts[0] if len(set(texts)) == 1 else ", ".join(texts)


def differing_parameters(scheduler: Scheduler, schedule: Schedule) -> Iterator[str]:
    """Yield how the parameters of the scheduler differ, and what its framework is known to do."""
    with suppress(LrspecError):
        own = read(scheduler)
        have, want = own.to_dict(), schedule.to_dict()
        have.pop("about", None)
        want.pop("about", None)
        if have["schedule"] != want["schedule"]:
            yield f"The scheduler is {json.dumps(have)}"
        else:
            known = schedule.recipe.schedule.parameters
            defaults = {name: parameter.default for name, parameter in known.items()}
            have, want = {**defaults, **have}, {**defaults, **want}
            names = [name for name in {**want, **have} if have.get(name) != want.get(name)]
            for name in names if own != schedule else ():
                yield f"{name}: the scheduler has {have.get(name)!r}, the recipe {want.get(name)!r}"
        yield from own.notes
