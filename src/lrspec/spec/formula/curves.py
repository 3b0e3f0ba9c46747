"""Rates of evenly spaced steps that are still to be computed, by NumPy and block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Irregular(Exception):
    """A formula cannot be evaluated for evenly spaced steps at once."""


class Scope:
    """A run of steps; all that was decided holds for its first `steps` steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def ends_at(self, index: int) -> None:
        """End the run before its step *index*, if that is not the first."""
        if 0 < index < self.steps:
            self.steps = index


class Curve:
    """Values of evenly spaced steps; `compute` returns *count* of them from index *first* on.

    It returns a new array, which the one reader may overwrite; several readers share the last one.
    """

    _readers = 0
    _last: tuple[int, int, Array] | None = None

    def reader(self) -> Curve:
        """Return the curve, with one reader more."""
        self._readers += 1
        return self

    def read(self, first: int, count: int) -> tuple[Array, bool]:
        """Return the values, and whether the reader may overwrite them."""
        if self._readers < 2:
            return self.compute(first, count), True
        if self._last is None or self._last[:2] != (first, count):
            self._last = first, count, self.compute(first, count)
        return self._last[2], False

    def write(self, first: int, out: Array) -> None:
        """Write the values from index *first* on to *out*."""
        out[:] = self.read(first, len(out))[0]

    def compute(self, first: int, count: int) -> Array:
        """Return a new array of the values."""
        raise NotImplementedError

    def _undecided(self, _other: object) -> bool:
        raise Irregular

    __lt__ = __le__ = __gt__ = __ge__ = _undecided
    __eq__ = __ne__ = _undecided
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise Irregular


class Applied(Curve):
    """A NumPy function of curves and numbers."""

    def __init__(self, function: Callable[..., Array], *operands: Any) -> None:
        self._function = function
        self._operands = [o.reader() if isinstance(o, Curve) else float(o) for o in operands]

    def write(self, first: int, out: Array) -> None:
        self._call(first, len(out), out)

    def compute(self, first: int, count: int) -> Array:
        return self._call(first, count, None)

    def _call(self, first: int, count: int, out: Array | None) -> Array:
        values: list[Any] = []
        fresh = None
        for operand in self._operands:
            if isinstance(operand, Curve):
                array, may_be_overwritten = operand.read(first, count)
                fresh = array if may_be_overwritten else fresh
                values.append(array)
            else:
                values.append(operand)
        return self._function(*values, out=fresh if out is None else out)
