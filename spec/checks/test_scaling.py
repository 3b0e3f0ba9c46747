"""A multiple of the base rate gives that multiple of the curve where a schedule says so only."""

from __future__ import annotations

import numpy as np
from recipes import NAMED, Named, each_kind, of_kind

from lrspec.engine.closed_form import trace
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe

MULTIPLES = (2.0, 2.0**-40, 2.0**40)  # 2^±40 brings any rate below or above eps and min_lr
#: Curves that happen to scale although their schedules do not.
COINCIDENCES = {
    "cyclic/max-lr-0": "0 is the one upper rate that is a multiple of every base rate",
    "cyclic/max-lr-0p0": "0 is the one upper rate that is a multiple of every base rate",
    "recipes/convnext-t": "the member that does not scale starts after the steps that are compared",
    "shrunk/torch-sequence-after-one-cycle": "the member that does not scale has no step",
}


def scales(recipe: Recipe, steps: int) -> bool:
    """Return whether the curve is multiplied as the base rate is."""
    base = recipe.bases[0]
    plain = trace(recipe.with_base(base), steps)
    return all(
        np.allclose(trace(recipe.with_base(base * by), steps), by * plain, rtol=1e-12, atol=0)
        for by in MULTIPLES
    )


def is_constant(recipe: Recipe, steps: int) -> bool:
    """Return whether every rate is the base rate, so that both answers are right."""
    bases = [recipe.bases[0] * by for by in (1.0, *MULTIPLES)]
    return all((trace(recipe.with_base(base), steps) == base).all() for base in bases)


@each_kind
def test_curves_scale_with_their_base_rate_where_the_schedule_says_so(kind: str):
    for named in of_kind(kind, NAMED):
        check_scaling(named)


def check_scaling(named: Named) -> None:
    recipe = named.recipe
    steps = min(horizons(recipe)[1], 500)
    if recipe.scales_with_base():
        assert scales(recipe, steps), named.id
    else:
        assert (
            not scales(recipe, steps) or is_constant(recipe, steps) or named.id in COINCIDENCES
        ), named.id
