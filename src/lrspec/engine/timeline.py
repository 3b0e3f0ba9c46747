"""How compositions share time: which part sets the rate of a step, and at which own step.

No other module knows segments, milestones, time bases, warmups, chains and epochs.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrspec.spec.recipe import Recipe

#: `leaf`: no composition; `segments`: one part at a time; `chain`: each part acts on the rate that
#: the part before it makes; `epochs`: one part, each of whose steps takes several steps.
Kind = Literal["leaf", "segments", "chain", "epochs"]
Step = TypeVar("Step", int, float, Decimal, NDArray[np.float64])


@dataclass(frozen=True)
class Part:
    """A part of a recipe, from step `start` to the step before `stop`; None means no end.

    Its rates come from `member`, or, if that is None, from the recipe's own formulas (`own`) or
    it stays at the base rate. Its own step 0 is the recipe's step `offset`; each of its own
    steps takes `stride` steps of the recipe.
    """

    member: Recipe | None = None
    own: bool = False
    start: int = 0
    stop: int | None = None
    offset: int = 0
    stride: int = 1

    def local(self, t: Step) -> Step:
        """Return the part's own step at step *t* of the recipe, for a number or an array."""
        own = t - self.offset if self.offset else t
        return own // self.stride if self.stride > 1 else own

    def outer(self, own: int) -> int:
        """Return the step of the recipe at which the part reaches its *own* step."""
        return self.offset + self.stride * own


@dataclass(frozen=True)
class Timeline:
    """The parts of a recipe: in the order of time, or, in a chain, of their effect."""

    kind: Kind
    parts: tuple[Part, ...]

    @cached_property
    def starts(self) -> list[int]:
        """The first step of each part."""
        return [part.start for part in self.parts]

    @property
    def members(self) -> Iterator[tuple[Part, Recipe]]:
        """The parts that are members, each with its recipe."""
        return ((part, part.member) for part in self.parts if part.member is not None)

    def index_at(self, t: float | Decimal) -> int:
        """Return the index of the part that sets the rate of step *t*; not defined for a chain."""
        return bisect.bisect_right(self.starts, t) - 1

    def part_at(self, t: float) -> Part | None:
        """Return the part that sets the rate of step *t*; None for a chain, where all do."""
        return None if self.kind == "chain" else self.parts[self.index_at(t)]


def timeline(recipe: Recipe) -> Timeline:
    """Return the timeline of *recipe*; its members have timelines of their own."""
    composition = recipe.schedule.composition
    if composition is None:
        return Timeline("leaf", (Part(own=True),))
    values = recipe.values(1.0)
    if composition.kind == "segments":
        starts = values[composition.starts]
        starts = [0, *map(int, starts if isinstance(starts, tuple) else [starts])]
        local = not composition.time or values[composition.time] == "local"
        return Timeline("segments", tuple(_segments(recipe, starts, local=local)))
    stride = int(values[composition.stride]) if composition.stride else 1
    return Timeline(
        composition.kind, tuple(Part(member, stride=stride) for member in recipe.members())
    )


def _segments(recipe: Recipe, starts: Sequence[int], *, local: bool) -> Iterator[Part]:
    """Yield a part from each of *starts*: a closed form of the recipe's own, then the members.

    A last part for which there is no member stays at the base rate.
    """
    own = recipe.schedule.closed is not None
    members = [*([None] if own else []), *recipe.members(), None]
    for index, (start, stop) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
        offset = start if local else 0
        yield Part(members[index], own and index == 0, start, stop, offset)
