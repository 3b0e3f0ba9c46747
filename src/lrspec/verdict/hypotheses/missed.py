"""A landmark that never comes: the curve before it goes on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lrspec.truth.recipe import Recipe
from lrspec.truth.reference import at
from lrspec.verdict.evidence import Evidence, Explanation, seen

_NEVER = 2**52


def never_reached(evidence: Evidence) -> Iterator[Explanation]:
    """A number of steps was taken for one without end: in the whole run, or up to a jump."""
    t = evidence.drive.t[: len(evidence.observed)]
    jumps = np.flatnonzero(np.diff(t) != 1)
    for variant, words in _variants(evidence.drive.recipe):
        endless = at(variant, t)
        if evidence.fits(endless):
            yield Explanation("landmark never reached", f"{words}. {seen(evidence)}")
        elif jumps.size:
            prediction = evidence.expected.copy()
            prediction[: jumps[0] + 1] = endless[: jumps[0] + 1]
            if evidence.fits(prediction):
                sentence = f"{words}, until a jump restates the rate. {seen(evidence)}"
                yield Explanation("landmark never reached", sentence)


def _variants(recipe: Recipe) -> Iterator[tuple[Recipe, str]]:
    values = recipe.values(recipe.bases[0])
    for name, parameter in recipe.schedule.parameters.items():
        if parameter.unit != "steps":
            continue
        if parameter.type == "integer":
            given = {**recipe.given, name: _NEVER}
            yield replace(recipe, given=given), f"{name} = {values[name]} is never reached"
        elif parameter.type == "numbers":
            between = [step for step in values[name] if step != int(step)]
            whole = tuple(step for step in values[name] if step == int(step))
            if between:
                missed = f"{name} {', '.join(map(str, between))} never come: no step equals them"
                yield replace(recipe, given={**recipe.given, name: whole or (_NEVER,)}), missed
