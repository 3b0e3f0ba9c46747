"""The rates of some steps of an undisturbed run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates


@dataclass(frozen=True)
class Steps:
    """The rates of some steps of an undisturbed run.

    `rates` has a row per step and a column per group, `momentum` has the same shape and is None if
    it does not move. They end before the step at which the framework raises `error`; its message
    has an ellipsis for what is not known of it.
    """

    rates: Rates
    momentum: Rates | None
    error: str = ""

    def held(self, count: int) -> Steps:
        """Return *count* steps, the last of these repeated, without the error."""
        rows = np.minimum(np.arange(count), len(self.rates) - 1)
        return replace(self.rows(rows), error="")

    def rows(self, rows: Any) -> Steps:
        """Return the *rows*, a slice or indices, of these steps."""
        momentum = None if self.momentum is None else self.momentum[rows]
        return Steps(self.rates[rows], momentum, self.error)
