"""The rates that a recipe means in a run, as a curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lrspec.dialect.rates import steps_of
from lrspec.engine import closed_form
from lrspec.engine.closed_form import Rates
from lrspec.spec.recipe import Recipe


@dataclass(frozen=True)
class Curve:
    """The rates of `steps` steps, after which the framework of a dialect may raise `error`."""

    recipe: Recipe
    steps: int
    error: str = ""
    _framework: Rates | None = None

    def at(self, t: ArrayLike) -> Rates:
        """Return the rates of the steps *t*, with one more axis that has an entry per group."""
        if self._framework is None:
            return closed_form.at(self.recipe, t)
        rates: Rates = self._framework[np.asarray(t, dtype=np.int64)]
        return rates


def curve_of(recipe: Recipe, steps: int) -> Curve:
    """Return the curve of *recipe* over *steps* steps, fewer if its framework raises before.

    With a dialect, all rates are computed here, once. Raises `BadInput` where the framework cannot
    express the recipe.
    """
    if recipe.dialect is None:
        return Curve(recipe, steps)
    found = steps_of(recipe, range(steps))
    return Curve(recipe, len(found.rates), found.error, found.rates)
