"""A run beside its schedule: where it ends, and which boundaries fall inside an epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lrspec.engine.closed_form import at
from lrspec.engine.landmarks import landmarks, span
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe

_LONGEST = 1_000_000  # updates in which boundaries are looked for
_LAST_STEP = 2**53


def warnings(recipe: Recipe, updates: int | None, updates_per_epoch: int | None) -> list[str]:
    """Return what a run of so many *updates* does not do as *recipe* means it, a line each.

    Without *updates* nothing is said of the run's end, without *updates_per_epoch* nothing of
    epochs. Raises `BadInput` for a number below 1.
    """
    for name, count in (("updates", updates), ("updates_per_epoch", updates_per_epoch)):
        if count is not None and count < 1:
            raise BadInput(name, count, "a whole number, 1 or more")
    found: list[str] = []
    if updates is not None:
        found += _warmups(recipe, 0, updates)
        for end in _ends(recipe, 0, 1):
            found += _horizon(recipe, end, updates)
    if updates_per_epoch is not None:
        last = min(span(recipe) if updates is None else updates - 1, _LONGEST)
        found += _inside(landmarks(recipe, last), updates_per_epoch)
    return found


def _inside(marks: Mapping[int, str], count: int) -> Iterator[str]:
    names = dict.fromkeys(marks.values())
    for name in names:
        steps = [step for step, words in marks.items() if words == name]
        off = [step for step in steps if step % count]
        if off:
            epoch = off[0] // count
            first, following = epoch * count, (epoch + 1) * count
            many = f", the first of {len(off)} such," if len(off) > 1 else ""
            yield (
                f"{name} at update {off[0]:,}{many} falls inside epoch {epoch} (updates {first:,} "
                f"to {following - 1:,}): a scheduler stepped once an epoch comes to it at update "
                f"{following:,}"
            )


def _warmups(recipe: Recipe, start: int, updates: int) -> Iterator[str]:
    """Yield a line for each warmup that the run does not reach the end of."""
    if start < updates and "warmup_steps" in recipe.schedule.parameters:
        length = int(recipe.values(1.0)["warmup_steps"])
        if start + length >= updates:
            than = "as long as" if start + length == updates else "longer than"
            yield f"the warmup of {length:,} updates is {than} the run of {updates:,}"
    for member, begins in zip(recipe.members(), _member_starts(recipe), strict=True):
        if not recipe.held() > 1:
            yield from _warmups(member, start + begins, updates)


@dataclass(frozen=True)
class _End:
    """The steps from which and to which a schedule does what it was given to do; what follows."""

    start: int
    step: int
    then: str
    words: str
    stairs: bool


def _ends(recipe: Recipe, start: int, held: int) -> Iterator[_End]:
    """Yield the ends of the schedules that are at work at the end of *recipe*."""
    schedule = recipe.schedule
    if schedule.composition is None:
        if schedule.end is not None:
            step = math.ceil(value(schedule.end, {**recipe.values(1.0), "base_lr": 1.0, "t": 0}))
            entry, stairs = schedule.document["end"], schedule.document.get("stairs", False)
            last = min(start + held * step, _LAST_STEP)
            yield _End(min(start, last), last, entry["then"], entry["words"], stairs)
        return
    members = list(zip(recipe.members(), _member_starts(recipe), strict=True))
    if schedule.composition["operator"] == "segments":
        members = members[-1:]
    for member, begins in members:
        yield from _ends(member, start + held * begins, held * recipe.held())


def _member_starts(recipe: Recipe) -> list[int]:
    starts = recipe.starts()[1 if recipe.schedule.closed is not None else 0 :]
    return starts[: len(recipe.members())] if starts else [0] * len(recipe.members())


def _horizon(recipe: Recipe, end: _End, updates: int) -> Iterator[str]:
    horizon = end.step
    if updates < horizon:
        last, there = (float(at(recipe, step)[0]) for step in (updates - 1, horizon))
        yield (
            f"the run of {updates:,} updates ends before the schedule's horizon of {horizon:,}: "
            f"its last rate is {last:.6g}, where the schedule comes to {there:.6g}"
        )
    elif updates > horizon + 1 and horizon and (end.then != "hold" or _comes_down(recipe, end)):
        ratio = updates / horizon
        than = f"{ratio:,.1f} times" if ratio >= 1.1 else f"{updates - horizon:,} updates beyond"
        yield (
            f"the run of {updates:,} updates is {than} the schedule's horizon of {horizon:,}; "
            f"after it: {end.words}"
        )


def _comes_down(recipe: Recipe, end: _End) -> bool:
    """Tell whether the rate is held at the foot of a fall, and not on a stair that was meant."""
    first, last = at(recipe, [end.start, end.step])[:, 0].tolist()
    return not end.stairs and bool(last < first)
