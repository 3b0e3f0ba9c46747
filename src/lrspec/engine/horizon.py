"""Warnings about a run whose length or epochs do not fit its schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lrspec.engine.closed_form import LAST_STEP, at
from lrspec.engine.landmarks import landmarks, span
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe

_LONGEST = 1_000_000  # landmarks are searched for up to this update


def end(recipe: Recipe) -> int | None:
    """Return the step at which *recipe* ends by its own statement, None if it goes on for ever."""
    parts = [placed for placed in _Placed(recipe).parts() if placed.ends]
    return max(map(_horizon, parts), default=None)


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
        parts = [*_Placed(recipe).parts()]
        for part in parts:
            lines += _unfinished_warmup(part, updates)
        for part in parts:
            lines += _other_end(recipe, part, updates)
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


@dataclass(frozen=True)
class _Placed:
    """A recipe as a part of the outermost one.

    Its rates are in use from update `start` on, in the last update too if it is `last`. Its own
    step 0 is update `zero`, and each of its steps takes `stride` updates.
    """

    recipe: Recipe
    start: int = 0
    zero: int = 0
    stride: int = 1
    last: bool = True

    @property
    def ends(self) -> bool:
        """Whether its schedule has an end that is in use at the end of the outermost recipe."""
        schedule = self.recipe.schedule
        return self.last and schedule.composition is None and schedule.end is not None

    def parts(self) -> Iterator[_Placed]:
        """Yield this recipe and those that are nested in it."""
        yield self
        for part, member in timeline(self.recipe).members:
            start = max(self.start, self.zero + self.stride * part.start)
            zero = self.zero + self.stride * part.offset
            last = self.last and part.stop is None
            yield from _Placed(member, start, zero, self.stride * part.stride, last).parts()


def _unfinished_warmup(placed: _Placed, updates: int) -> Iterator[str]:
    runs = placed.stride == 1 and placed.start < updates
    if runs and "warmup_steps" in placed.recipe.schedule.parameters:
        length = int(placed.recipe.values(1.0)["warmup_steps"])
        if placed.zero + length >= updates:
            than = "as long as" if placed.zero + length == updates else "longer than"
            yield f"the warmup of {length:,} updates is {than} the run of {updates:,}"


def _other_end(recipe: Recipe, placed: _Placed, updates: int) -> Iterator[str]:
    if not placed.ends:
        return
    horizon = _horizon(placed)
    end = placed.recipe.schedule.document["end"]
    if updates < horizon:
        last, final = at(recipe, [updates - 1, horizon])[:, 0].tolist()
        yield (
            f"the run of {updates:,} updates ends before the schedule's horizon of {horizon:,}: "
            f"its last rate is {last:.6g}, but the schedule ends at {final:.6g}"
        )
    elif (
        updates > horizon + 1
        and horizon
        and (end["then"] != "hold" or _decays(recipe, placed, horizon))
    ):
        ratio = updates / horizon
        than = f"{ratio:,.1f} times" if ratio >= 1.1 else f"{updates - horizon:,} updates beyond"
        yield (
            f"the run of {updates:,} updates is {than} the schedule's horizon of {horizon:,}; "
            f"after it: {end['words']}"
        )


def _horizon(placed: _Placed) -> int:
    """Return the update at which the schedule of *placed* ends; it has an end."""
    formula = placed.recipe.schedule.end
    assert formula is not None  # noqa: S101 - `placed.ends`
    step: int = math.ceil(value(formula, {**placed.recipe.values(1.0), "base_lr": 1.0, "t": 0}))
    own = placed.zero + placed.stride * step
    return min(max(placed.start, own), LAST_STEP)


def _decays(recipe: Recipe, placed: _Placed, horizon: int) -> bool:
    """Return whether the rate decays to the *horizon* otherwise than by intended stairs."""
    first, last = at(recipe, [min(placed.start, horizon), horizon])[:, 0].tolist()
    return bool(last < first) and not placed.recipe.schedule.document.get("stairs", False)
