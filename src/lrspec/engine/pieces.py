"""The rates of consecutive steps, piece by piece: a number, or a curve that is computed in blocks.

A piece ends where a formula decides otherwise: at a milestone, a restart, the end of a decay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Any

from lrspec.engine.exact import compiled
from lrspec.spec.formula.curves import Curve, Irregular, Scope
from lrspec.spec.formula.decimals import exact
from lrspec.spec.formula.progressions import PROGRESSIONS
from lrspec.spec.formula.tables import Progression
from lrspec.spec.recipe import Recipe

LAST_STEP = 2**53
#: Where so many pieces start within a stretch of steps, the rest of it is computed step by step.
_STRETCH, _MOST_PIECES = 1 << 14, 16
_MOST_KEPT = 100


@dataclass(frozen=True)
class Piece:
    """The steps from `start` to the one before `stop`; their `rate` is None if it is irregular."""

    start: int
    stop: int
    rate: float | Curve | None = None


def found(recipe: Recipe, base: float, start: int = 0) -> Iterator[Piece]:
    """Yield the pieces of *recipe*, which has one parameter group, from step *start* on.

    Must be called in `decimal_context`.
    """
    rate_of, exact_base = compiled(recipe, PROGRESSIONS), exact(base)
    stretch, end, count = _STRETCH, 0, 0
    while start <= LAST_STEP:
        if start >= end:  # the next stretch is twice as long if this one was irregular
            stretch = stretch * 2 if count > _MOST_PIECES else _STRETCH
            end, count = (start // _STRETCH + 1) * _STRETCH, 0
        count += 1
        scope = Scope(LAST_STEP + 1 - start)
        rate: Any = None
        if count <= _MOST_PIECES:
            with suppress(Irregular):
                rate = rate_of(Progression(start, 1, scope), exact_base)
        if rate is None:
            scope, count = Scope(end - _STRETCH + stretch - start), _MOST_PIECES + 1
        else:
            rate = rate.reader() if isinstance(rate, Curve) else float(rate)
        yield Piece(start, start + scope.steps, rate)
        start += scope.steps


class Pieces:
    """The pieces of one parameter group from step 0 on; the first of them are kept."""

    def __init__(self, recipe: Recipe, base: float) -> None:
        self._recipe, self._base = recipe, base
        self._kept: list[Piece] = []

    def until(self, stop: int) -> Iterator[Piece]:
        """Yield the pieces of the steps before *stop*; call it in `decimal_context`."""
        yield from takewhile(lambda piece: piece.start < stop, self._kept)
        reached = self._kept[-1].stop if self._kept else 0
        if reached < stop:
            yield from self._found(reached, stop)

    def _found(self, start: int, stop: int) -> Iterator[Piece]:
        for piece in found(self._recipe, self._base, start):
            if piece.start >= stop:
                return
            is_next = piece.start == (self._kept[-1].stop if self._kept else 0)
            if is_next and len(self._kept) < _MOST_KEPT:
                self._kept.append(piece)
            yield piece


@lru_cache(maxsize=256)
def pieces(recipe: Recipe, base: float) -> Pieces:
    """Return the pieces of *recipe*, which has one parameter group, from step 0 on."""
    return Pieces(recipe, base)
