"""Warnings about a run: it ends elsewhere than its schedule, or steps it at the wrong updates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lrspec.engine.closed_form import at
from lrspec.engine.landmarks import landmarks, span
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe

_LONGEST = 1_000_000  # landmarks are searched for up to this update
_LAST_STEP = 2**53


def warnings(recipe: Recipe, updates: int | None, updates_per_epoch: int | None) -> list[str]:
    """Return one line for each way in which a run of *updates* does not fit *recipe*.

    The end of the run is checked if *updates* is given, landmarks inside an epoch if
    *updates_per_epoch* is given. Raises `BadInput` for a number below 1.
    """
    for name, count in (("updates", updates), ("updates_per_epoch", updates_per_epoch)):
        if count is not None and count < 1:
            raise BadInput(name, count, "a whole number, 1 or more")
    lines: list[str] = []
    if updates is not None:
        lines += _warmups(recipe, 0, updates)
        for end in _ends(recipe, 0, 1):
            lines += _horizon(recipe, end, updates)
    if updates_per_epoch is not None:
        last = min(span(recipe) if updates is None else updates - 1, _LONGEST)
        lines += _inside(landmarks(recipe, last), updates_per_epoch)
    return lines


def _inside(marks: Mapping[int, str], count: int) -> Iterator[str]:
    for name in dict.fromkeys(marks.values()):
        steps = [step for step, other in marks.items() if other == name]
        off = [step for step in steps if step % count]
        if off:
            epoch = off[0] // count
            first, following = epoch * count, (epoch + 1) * count
            more = f" (and {len(off) - 1:,} more)" if len(off) > 1 else ""
            yield (
                f"{name} at update {off[0]:,}{more} falls inside epoch {epoch} (updates {first:,} "
                f"to {following - 1:,}): a scheduler stepped once per epoch reaches it at update "
                f"{following:,}"
            )


def _warmups(recipe: Recipe, start: int, updates: int) -> Iterator[str]:
    """Yield a line for each warmup that the run does not finish."""
    if start < updates and "warmup_steps" in recipe.schedule.parameters:
        length = int(recipe.values(1.0)["warmup_steps"])
        if start + length >= updates:
            than = "as long as" if start + length == updates else "longer than"
            yield f"the warmup of {length:,} updates is {than} the run of {updates:,}"
    for part, member in timeline(recipe).members:
        if part.stride == 1:
            yield from _warmups(member, start + part.start, updates)


@dataclass(frozen=True)
class _End:
    """The steps at which a schedule starts and ends, and what it does then."""

    start: int
    step: int
    then: str
    words: str
    stairs: bool


def _ends(recipe: Recipe, start: int, stride: int) -> Iterator[_End]:
    """Yield the ends of the schedules that set the last rates of *recipe*.

    Its step 0 is the update *start*, and each of its steps takes *stride* updates.
    """
    schedule, line = recipe.schedule, timeline(recipe)
    if line.kind == "leaf" and schedule.end is not None:
        step = math.ceil(value(schedule.end, {**recipe.values(1.0), "base_lr": 1.0, "t": 0}))
        entry, stairs = schedule.document["end"], schedule.document.get("stairs", False)
        last = min(start + stride * step, _LAST_STEP)
        yield _End(min(start, last), last, entry["then"], entry["words"], stairs)
    for part, member in line.members:
        if part.stop is None:
            yield from _ends(member, start + stride * part.start, stride * part.stride)


def _horizon(recipe: Recipe, end: _End, updates: int) -> Iterator[str]:
    horizon = end.step
    if updates < horizon:
        last, final = (float(at(recipe, step)[0]) for step in (updates - 1, horizon))
        yield (
            f"the run of {updates:,} updates ends before the schedule's horizon of {horizon:,}: "
            f"its last rate is {last:.6g}, but the schedule ends at {final:.6g}"
        )
    elif updates > horizon + 1 and horizon and (end.then != "hold" or _decays(recipe, end)):
        ratio = updates / horizon
        than = f"{ratio:,.1f} times" if ratio >= 1.1 else f"{updates - horizon:,} updates beyond"
        yield (
            f"the run of {updates:,} updates is {than} the schedule's horizon of {horizon:,}; "
            f"after it: {end.words}"
        )


def _decays(recipe: Recipe, end: _End) -> bool:
    """Return whether the schedule decays to its end otherwise than by intended stairs."""
    first, last = at(recipe, [end.start, end.step])[:, 0].tolist()
    return not end.stairs and bool(last < first)
