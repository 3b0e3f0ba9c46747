"""Functions of evenly spaced arguments, from two short tables each.

Such an argument is x + y, with x from a coarse table and y from a fine one, and no transcendental
function is called per step: sin(x + y) is sin x + (cos x · sin y − sin x · 2 sin²(y/2)). The second
term is small, so that its rounding errors are, too. The arguments of the tables are exact to twice
the precision of a float.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from lrspec.spec.formula.curves import Array, Curve, Irregular, Scope

#: One table or several, as columns (coarse) or rows (fine).
Tables = tuple[Array, ...]

_WIDEST = 1024  # values of a fine table
_KEPT_ROWS = 1024  # values of a coarse table, of which the last is kept
NARROWEST = 16  # below it the tables save nothing
_INDEX = np.arange(1 << 14, dtype=np.float64)


def points(start: Any, step: Any, count: int) -> tuple[Array, Array | float]:
    """Return start + i · step for i < *count* as the sum of two arrays, the first of them exact.

    The first is a multiple of a unit so large that none of its values is rounded.
    """
    index = _INDEX[:count] if count <= len(_INDEX) else np.arange(float(count))
    if isinstance(start, int) and isinstance(step, int):
        return index * float(step) + float(start), 0.0
    largest = max(abs(float(start)), abs(float(start + count * step)))
    unit = math.ldexp(1.0, math.frexp(largest)[1] - 52) if largest < math.inf else 0.0
    if unit == 0:
        return index * float(step) + float(start), 0.0
    high = [round(float(number) / unit) * unit for number in (start, step)]
    low = [float(n - Decimal(h)) for n, h in zip((start, step), high, strict=True)]
    return index * high[1] + high[0], index * low[1] + low[0]


class Evenly(Curve):
    """A function of an evenly spaced argument, from a coarse and a fine table."""

    #: The largest width of the fine table times the step.
    reach: float = math.inf
    _kept: tuple[int, Tables] | None = None

    def __init__(self, start: Any, step: Any, scope: Scope) -> None:
        self.start, self.step, self.scope = start, step, scope

    def coarse(self, high: Array, low: Array | float) -> Tables:
        """Return the tables of the arguments at which the rows start."""
        raise NotImplementedError

    def fine(self, high: Array, low: Array | float) -> Tables:
        """Return the tables of the arguments to be added along a row."""
        raise NotImplementedError

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        """Return the values, from columns of the coarse tables and the fine tables."""
        raise NotImplementedError

    def direct(self, high: Array, low: Array | float) -> Array:
        """Return the values without tables."""
        return self.coarse(high, low)[0]

    @cached_property
    def width(self) -> int:
        by_reach = self.reach / abs(float(self.step))
        by_length = 2 * math.sqrt(self.scope.steps)
        return 1 << int(math.log2(max(1.0, min(_WIDEST, by_reach, by_length))))

    @cached_property
    def _fine(self) -> Tables:
        return self.fine(*points(0, self.step, self.width))

    def _rows(self, row: int, end: int) -> Tables:
        """Return the coarse tables of the rows *row* to *end*, computed in parts of fixed size."""
        part = row // _KEPT_ROWS
        first = part * _KEPT_ROWS
        if self._kept is None or self._kept[0] != part:
            stride = self.width * self.step
            rows = min(_KEPT_ROWS, -(-self.scope.steps // self.width) - first)
            tables = self.coarse(*points(self.start + first * stride, stride, rows))
            self._kept = part, tuple(table[:, None] for table in tables)
        found = tuple(table[row - first : end - first] for table in self._kept[1])
        if end <= first + _KEPT_ROWS:
            return found
        following = self._rows(first + _KEPT_ROWS, end)
        return tuple(map(np.concatenate, zip(found, following, strict=True)))

    @cached_property
    def _all(self) -> Array:
        return self.direct(*points(self.start, self.step, self.scope.steps))

    def compute(self, first: int, count: int) -> Array:
        width = self.width
        if width < NARROWEST and self.scope.steps <= _KEPT_ROWS:
            return self._all[first : first + count].copy()
        if width < NARROWEST:
            return self.direct(*points(self.start + first * self.step, self.step, count))
        row, end = first // width, -(-(first + count) // width)
        values = self.joined(self._rows(row, end), self._fine).reshape(-1)
        return values[first - row * width :][:count]


def _decided(compare: Callable[[Any, Any], bool]) -> Any:
    """Return a comparison of a progression with a number as a method."""

    def method(self: Progression, number: Any) -> bool:
        if isinstance(number, Curve) or not self.is_whole:
            raise Irregular
        decision: bool = compare(self.start, number)
        reached = self.steps_to(number)
        for index in (reached, reached + 1):
            if index > 0 and compare(self.start + index * self.step, number) != decision:
                self.scope.ends_at(index)
                break
        return decision

    return method


class Progression(Evenly):
    """An affine function of the step, whose start and step are integers or decimals.

    A comparison with a number holds for the first step, and for the scope, which it ends.
    """

    @property
    def is_whole(self) -> bool:
        return isinstance(self.start, int) and isinstance(self.step, int)

    def with_values(self, start: Any, step: Any) -> Any:
        """Return another progression over the same steps; a number if it is constant."""
        return Progression(start, step, self.scope) if step else start

    def steps_to(self, bound: Any) -> int:
        """Return the index of the first step whose value reaches *bound* or goes beyond it."""
        if isinstance(bound, int):
            return -int((self.start - bound) // self.step)
        steps = (Decimal(bound) - self.start) / self.step
        return math.ceil(steps) if steps.is_finite() else 0

    def __neg__(self) -> Any:
        return self.with_values(-self.start, -self.step)

    def __sub__(self, offset: int) -> Any:
        return self.with_values(self.start - offset, self.step)

    def __floordiv__(self, number: Any) -> int:
        if isinstance(number, Curve) or not (self.is_whole and number > 0 and number % 1 == 0):
            raise Irregular
        period = int(number)
        quotient = self.start // period
        bound = (quotient + 1) * period if self.step > 0 else quotient * period - 1
        self.scope.ends_at(self.steps_to(bound))
        return int(quotient)

    def coarse(self, high: Array, low: Array | float) -> Tables:
        return (high + low,)

    fine = coarse

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        return coarse[0] + fine[0]

    __lt__ = _decided(operator.lt)
    __le__ = _decided(operator.le)
    __gt__ = _decided(operator.gt)
    __ge__ = _decided(operator.ge)
    __eq__ = _decided(operator.eq)
    __ne__ = _decided(operator.ne)

    def __bool__(self) -> bool:
        return bool(self != 0)

    __hash__ = object.__hash__


class Points(Progression):
    """A progression of which each value is rounded once, for a function that enlarges errors."""

    reach = 0.0
