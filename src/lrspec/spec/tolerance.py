"""How far two traces may differ: the data of `spec/tolerances.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lrspec import resources


@dataclass(frozen=True)
class Tolerance:
    """Bounds on an error relative to the peak; `type` is the NumPy type that ULPs refer to.

    An error up to `rounding` is a rounding error, one above `divergence` is a divergence.
    """

    rounding: float
    divergence: float
    type: str


@cache
def tolerance_of(precision: str) -> Tolerance:
    """Return the tolerance of `float64` or `float32` traces."""
    entry = resources.read_json(resources.root() / "spec" / "tolerances.json")[precision]
    return Tolerance(entry["rounding"], entry["divergence"], precision)
