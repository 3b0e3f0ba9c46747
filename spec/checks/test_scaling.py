"""A multiple of the base rate gives that multiple of the curve exactly where a schedule says so."""

from __future__ import annotations

import numpy as np
import pytest
from recipes import NAMED, Named

from lrspec.engine.closed_form import trace
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe

MULTIPLES = (2.0, 2.0**-40, 2.0**40)  # the others bring any rate below and above eps and min_lr
#: Curves that scale although their schedules do not.
UNSEEN = {
    "cyclic/max-lr-0": "0 is the one upper rate that is a multiple of every base rate",
    "cyclic/max-lr-0p0": "0 is the one upper rate that is a multiple of every base rate",
    "shrunk/torch-sequence-after-one-cycle": "the member that does not scale has no step",
}


def scales(recipe: Recipe, steps: int) -> bool:
    """Tell whether the curve is multiplied as the base rate is."""
    base = recipe.bases[0]
    plain = trace(recipe.with_base(base), steps)
    return all(
        np.allclose(trace(recipe.with_base(base * by), steps), by * plain, rtol=1e-12, atol=0)
        for by in MULTIPLES
    )


def stays(recipe: Recipe, steps: int) -> bool:
    """Tell whether no rate but the base rate is ever used, so that there is nothing to see."""
    bases = [recipe.bases[0] * by for by in (1.0, *MULTIPLES)]
    return all((trace(recipe.with_base(base), steps) == base).all() for base in bases)


@pytest.mark.parametrize("named", NAMED, ids=str)
def test_a_curve_scales_with_its_base_rate_where_it_says_so(named: Named):
    recipe = named.recipe
    steps = min(horizons(recipe)[1], 500)
    if recipe.scales_with_base():
        assert scales(recipe, steps)
    else:
        assert not scales(recipe, steps) or stays(recipe, steps) or named.id in UNSEEN
