"""Waves and exponentials of evenly spaced arguments, by their addition theorems."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lrspec.spec.formula.curves import Array
from lrspec.spec.formula.tables import NARROWEST, Evenly, Progression, Tables, points


class Sine(Evenly):
    """The sine of a progression."""

    reach = 1 / 8
    vanishes = True  # at the angle 0

    def __init__(self, angle: Evenly) -> None:
        super().__init__(angle.start, angle.step, angle.scope)

    def coarse(self, high: Array, low: Array | float) -> Tables:
        sine, cosine = np.sin(high), np.cos(high)
        return sine + low * cosine, cosine - low * sine

    def fine(self, high: Array, low: Array | float) -> Tables:
        angle = high + low
        return np.sin(angle), -2 * np.sin(angle / 2) ** 2

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        (value, derivative), (sine, versine) = coarse, fine
        values = derivative * sine
        values += value * versine
        values += value
        return values

    def direct(self, high: Array, low: Array | float) -> Array:
        return np.sin(high + low)

    def compute(self, first: int, count: int) -> Array:
        """Return a new array; from tables, a sine near 0 would be the difference of larger ones."""
        values = super().compute(first, count)
        if self.vanishes and self.width >= NARROWEST:
            start, exact = self._near_zero
            a, b = max(start - first, 0), min(start - first + len(exact), count)
            if a < b:
                values[a:b] = exact[a + first - start : b + first - start]
        return values

    @cached_property
    def _near_zero(self) -> tuple[int, Array]:
        """The values within a row of the angle 0, and the index of the first of them."""
        zero = -float(self.start) / float(self.step)
        width, steps = self.width, self.scope.steps
        start, stop = (round(min(max(zero + side, 0), steps)) for side in (-width, width))
        near = points(self.start + start * self.step, self.step, stop - start)
        return start, self.direct(*near)


class SquaredSine(Sine):
    """The square of a sine: sin²(x + y) is sin²x + (sin 2x · sin y cos y + cos 2x · sin²y)."""

    def coarse(self, high: Array, low: Array | float) -> Tables:
        sine, cosine = np.sin(2 * high), np.cos(2 * high)
        sine, cosine = sine + 2 * low * cosine, cosine - 2 * low * sine
        square = self.direct(high, low)
        return np.where(cosine < 0, (1 - cosine) / 2, square), sine, cosine

    def fine(self, high: Array, low: Array | float) -> Tables:
        angle = high + low
        return np.sin(2 * angle) / 2, np.sin(angle) ** 2

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        (value, sine, cosine), (of_sine, of_cosine) = coarse, fine
        values = sine * of_sine
        values += cosine * of_cosine
        values += value
        return values

    def direct(self, high: Array, low: Array | float) -> Array:
        return np.square(np.sin(high + low))


class Cosine(Sine):
    """The cosine of a progression."""

    vanishes = False

    def coarse(self, high: Array, low: Array | float) -> Tables:
        sine, cosine = np.sin(high), np.cos(high)
        return cosine - low * sine, -(sine + low * cosine)

    def direct(self, high: Array, low: Array | float) -> Array:
        return np.cos(high + low)


class Exponential(Evenly):
    """A number to the power of whole steps, or e to the power of any progression."""

    reach = 64.0

    def __init__(self, exponent: Progression, base: float | None = None) -> None:
        super().__init__(exponent.start, exponent.step, exponent.scope)
        self.base = base

    def coarse(self, high: Array, low: Array | float) -> Tables:
        if self.base is not None:
            return (np.float_power(self.base, high),)
        power = np.exp(high)
        return (power + low * power,)

    fine = coarse

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        return coarse[0] * fine[0]
