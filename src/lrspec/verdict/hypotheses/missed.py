"""A landmark that never comes: the curve before it goes on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lrspec.truth.reference import at
from lrspec.verdict.evidence import Evidence, Explanation, seen

_NEVER = 2**52


def never_reached(evidence: Evidence) -> Iterator[Explanation]:
    """A number of steps was taken for one without end: in the whole run, or up to a jump."""
    recipe, t = evidence.drive.recipe, evidence.drive.t[: len(evidence.observed)]
    jumps = np.flatnonzero(np.diff(t) != 1)
    for name, parameter in recipe.schedule.parameters.items():
        if parameter.type != "integer" or parameter.unit != "steps":
            continue
        variant = replace(recipe, given={**recipe.given, name: _NEVER})
        endless = at(variant, t)
        number = recipe.values(recipe.bases[0])[name]
        words = f"{name} = {number} is never reached"
        if evidence.fits(endless):
            yield Explanation("landmark never reached", f"{words}. {seen(evidence)}")
        elif jumps.size:
            prediction = evidence.expected.copy()
            prediction[: jumps[0] + 1] = endless[: jumps[0] + 1]
            if evidence.fits(prediction):
                sentence = f"{words}, until a jump restates the rate. {seen(evidence)}"
                yield Explanation("landmark never reached", sentence)
