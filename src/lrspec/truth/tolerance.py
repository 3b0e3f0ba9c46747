"""How far two traces may lie apart, as data from `spec/tolerances.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lrspec import data


@dataclass(frozen=True)
class Tolerance:
    """Bounds on an error relative to the peak rate: up to one it rounds, over the other it differs."""

    rounding: float
    divergence: float


@cache
def tolerance_of(precision: str) -> Tolerance:
    """Return the tolerance of `float64` or `float32` traces."""
    entry = data.read_json(data.root() / "spec" / "tolerances.json")[precision]
    return Tolerance(entry["rounding"], entry["divergence"])
