"""Waves and exponentials of evenly spaced arguments, by their addition theorems."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import numpy as np

from lrspec.spec.formula.curves import Array
from lrspec.spec.formula.tables import NARROWEST, Evenly, Progression, Tables, points


class Wave(Evenly):
    """An affine function, scale · w + offset, of a wave w of a progression.

    It is computed from tables of the wave and of what its changes along a row are multiplied by, so
    that scale and offset change the coarse tables alone.
    """

    reach = 1 / 8
    vanishes = True  # at the angle 0

    def __init__(self, angle: Evenly) -> None:
        super().__init__(angle.start, angle.step, angle.scope)
        self.scale: Any = 1
        self.offset: Any = 0
        self.angle = angle

    def wave(self, high: Array, low: Array | float) -> Array:
        """Return the wave at some angles."""
        raise NotImplementedError

    def changes(self, high: Array, low: Array | float) -> Tables:
        """Return what the two fine tables are multiplied by, where rows start at these angles."""
        raise NotImplementedError

    def affine(self, scale: Any, offset: Any) -> Any:
        """Return another affine function of the same wave; a number if it is constant."""
        if not scale:
            return offset
        other = copy.copy(self)
        other.scale, other.offset = scale, offset
        return other

    def is_like(self, other: object) -> bool:
        """Return whether *other* is an affine function of the same wave."""
        return type(self) is type(other) and self.angle is getattr(other, "angle", None)

    @cached_property
    def _ends(self) -> tuple[float, float, float]:
        """The values where the wave is 1 and 0, and their difference."""
        return float(self.scale + self.offset), float(self.offset), float(self.scale)

    def direct(self, high: Array, low: Array | float) -> Array:
        top, bottom, _ = self._ends
        wave = self.wave(high, low)
        return top * wave + bottom * (1 - wave) if bottom else top * wave

    def coarse(self, high: Array, low: Array | float) -> Tables:
        first, second = self.changes(high, low)
        return self.direct(high, low), self._ends[2] * first, self._ends[2] * second

    def joined(self, coarse: Tables, fine: Tables) -> Array:
        (value, first, second), (of_first, of_second) = coarse, fine
        values = first * of_first
        values += second * of_second
        values += value
        return values

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


class Sine(Wave):
    """A sine: sin(x + y) is sin x + (cos x · sin y − sin x · 2 sin²(y/2))."""

    def wave(self, high: Array, low: Array | float) -> Array:
        sine = np.sin(high)
        return sine + low * np.cos(high) if np.ndim(low) else sine

    def changes(self, high: Array, low: Array | float) -> Tables:
        return np.cos(high + low), -np.sin(high + low)

    def fine(self, high: Array, low: Array | float) -> Tables:
        angle = high + low
        return np.sin(angle), 2 * np.sin(angle / 2) ** 2


class Cosine(Sine):
    """A cosine: cos(x + y) is cos x − (sin x · sin y + cos x · 2 sin²(y/2))."""

    vanishes = False

    def wave(self, high: Array, low: Array | float) -> Array:
        cosine = np.cos(high)
        return cosine - low * np.sin(high) if np.ndim(low) else cosine

    def changes(self, high: Array, low: Array | float) -> Tables:
        return -np.sin(high + low), -np.cos(high + low)


class SquaredSine(Wave):
    """The square of a sine: sin²(x + y) is sin²x + (sin 2x · sin y cos y + cos 2x · sin²y)."""

    def wave(self, high: Array, low: Array | float) -> Array:
        double = np.cos(2 * high)
        double = double - 2 * low * np.sin(2 * high) if np.ndim(low) else double
        return np.where(double < 0, (1 - double) / 2, np.square(np.sin(high + low)))

    def changes(self, high: Array, low: Array | float) -> Tables:
        angle = 2 * (high + low)
        return np.sin(angle), np.cos(angle)

    def fine(self, high: Array, low: Array | float) -> Tables:
        angle = high + low
        return np.sin(2 * angle) / 2, np.sin(angle) ** 2


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
