"""The rate of one step, correctly rounded: the closed forms on decimals of sixty digits."""

from __future__ import annotations

from lrspec.engine.exact import compiled
from lrspec.spec.formula.decimals import DECIMALS, decimal_context, exact
from lrspec.spec.recipe import Recipe


def rate(recipe: Recipe, t: float, base: float) -> float:
    """Return the rate of step *t* for the base rate *base*; infinite or NaN if it is not finite."""
    step = int(t) if t == int(t) else exact(t)
    with decimal_context():
        return float(compiled(recipe, DECIMALS)(step, exact(base)))
