"""A schedule of cycles that was begun anew, and has lost where in its cycle it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, at
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.verdict.evidence import Evidence, Prediction

_LOST = "The length of the cycle and the place in it are not saved"


def place_lost(evidence: Evidence) -> Iterator[Prediction]:
    """Warm restarts that count from the start of a first cycle, or from the index within one."""
    for found in predictions(evidence.scenario):
        yield replace(found, sentence=f"{found.sentence} {evidence.seen}")


def predictions(scenario: Scenario) -> Iterator[Prediction]:
    """Return what may come of a resume."""
    cycles = scenario.recipe.kind == "cosine_warm_restarts"
    if cycles and scenario.id.name in ("resume_state", "resume_index"):
        for sentence, prediction in _all_resumes(scenario):
            yield Prediction("place in the cycle lost", sentence, prediction)


@lru_cache(maxsize=256)
def _all_resumes(scenario: Scenario) -> tuple[tuple[str, Rates], ...]:
    return tuple(_resumes(scenario))


def _resumes(scenario: Scenario) -> Iterator[tuple[str, Rates]]:
    k = int(scenario.actions[0][1])
    if scenario.id.name == "resume_state":
        sentence = f"{_LOST}: from the first step after the resume a first cycle begins again."
        yield sentence, _resumed(scenario, k, 0, np.subtract, restored=True)
        return
    sentence = (
        "The index is taken for the place in a first cycle: it does not say how long the cycle is, "
        "and how far the run is into it."
    )
    for wrap in (np.subtract, np.mod):
        yield sentence, _resumed(scenario, k, k + (scenario.index or 0), wrap, restored=False)


def _resumed(
    scenario: Scenario, k: int, place: int, wrap: Callable[[int, int], Any], *, restored: bool
) -> Rates:
    """Return the trace whose row k is at *place* of a first cycle, each step then one further.

    *wrap* brings a place that is beyond its cycle into the next one; with *restored*, row k itself
    has the right rate.
    """
    recipe = scenario.recipe
    values = recipe.values(1.0)
    length = values["T_0"]
    rates = scenario.expected.copy()
    if not restored and place >= length:
        place, length = int(wrap(place, length)), length * values["T_mult"]
    curves: dict[int, Recipe] = {}
    for row in range(k, len(rates)):
        if row > k or not restored:
            if length not in curves:
                curves[length] = _half(recipe, length)
            rates[row] = at(curves[length], place)
        place += 1
        if place >= length:
            place, length = int(wrap(place, length)), length * values["T_mult"]
    return rates


def _half(recipe: Recipe, length: int) -> Recipe:
    """Return the curve of a cycle of *length*, its end with it."""
    half = {"schedule": "cosine_annealing", "T_max": length}
    eta_min = recipe.values(1.0)["eta_min"]
    return from_dict({**half, "eta_min": eta_min, "base_lr": list(recipe.bases)})
