"""A landmark that never comes: the curve before it goes on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates, at
from lrspec.spec.recipe import Recipe
from lrspec.verdict.evidence import Evidence, Prediction

_NEVER = 2**52


def never_reached(evidence: Evidence) -> Iterator[Prediction]:
    """A number of steps was taken for one without end: in the whole run, or up to a jump."""
    t = evidence.scenario.t[: len(evidence.observed)]
    jumps = np.flatnonzero(np.diff(t) != 1)
    for variant, words in _variants(evidence.scenario.recipe):
        endless = at(variant, t)
        yield Prediction("landmark never reached", f"{words}. {evidence.seen}", endless)
        sentence = f"{words}, until a jump restates the rate. {evidence.seen}"
        for restated in _restated(evidence, endless, jumps):
            yield Prediction("landmark never reached", sentence, restated)


def _restated(evidence: Evidence, endless: Rates, jumps: NDArray[np.int64]) -> Iterator[Rates]:
    """Return the traces whose jumps restate the rate: for good, or for the landmarks passed."""
    if not jumps.size:
        return
    first = jumps[0] + 1
    yield np.concatenate([endless[:first], evidence.expected[first:]])
    prediction = endless.copy()
    for start, stop in pairwise([*(jumps + 1), len(endless)]):
        with np.errstate(all="ignore"):
            factors = endless[start:stop] / endless[start]
            prediction[start:stop] = evidence.expected[start] * factors
    yield prediction


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
