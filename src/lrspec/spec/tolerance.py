"""How far two traces may differ: the data of `spec/tolerances.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lrspec import resources


@dataclass(frozen=True)
class Tolerance:
    """Bounds on an error relative to the peak so far; `type` is the NumPy type of the rates.

    An error up to `rounding` is a rounding error, one above `divergence` is a divergence. `ulp`
    units in the last place of the largest operand are allowed in addition.
    """

    rounding: float
    divergence: float
    ulp: float
    type: str

    def scale(self, peaks: NDArray[np.float64], largest: float) -> NDArray[np.float64]:
        """Return what the error of each row is relative to.

        *peaks* are the peaks up to each row, and *largest* is the largest operand.
        """
        unit = float(np.spacing(np.asarray(largest, dtype=self.type)))
        return peaks + self.ulp * unit / self.rounding


@cache
def tolerance_of(precision: str) -> Tolerance:
    """Return the tolerance of `float64` or `float32` traces."""
    entry = resources.read_json(resources.root() / "spec" / "tolerances.json")[precision]
    return Tolerance(entry["rounding"], entry["divergence"], entry["ulp"], precision)
