"""The right curve at the wrong step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from lrspec.engine.closed_form import Rates, at, below
from lrspec.engine.landmarks import landmarks
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.simulation import CLOSED, OWN, RECURSIVE, simulate
from lrspec.spec.recipe import Recipe
from lrspec.verdict.evidence import Evidence, Prediction

_SHIFTS = (1, -1, 2, -2, 3, -3)
_NEAREST = (1, -1)


def whole(evidence: Evidence) -> Iterator[Prediction]:
    """Update t uses the rate of step t + k, from the start on."""
    for shift in _SHIFTS:
        kind, sentence = f"shifted by {shift:+d}", _sentence(evidence, shift, "update t")
        shifted = _shifted(evidence.scenario, len(evidence.observed), shift, 0)
        yield Prediction(kind, sentence, shifted)
        t = evidence.scenario.t[: len(shifted)] + shift
        if (t < 0).any():
            yield Prediction(kind, sentence, _run_back(evidence.scenario.recipe, t, shifted))


def from_a_landmark(evidence: Evidence) -> Iterator[Prediction]:
    """Update t uses the rate of step t + k from a landmark on."""
    first = evidence.step(evidence.first)
    marks = landmarks(evidence.scenario.recipe, int(evidence.scenario.t.max(initial=0)) + 1)
    for mark, words in marks.items():
        if abs(mark - first) > max(_SHIFTS):
            continue
        for shift in _SHIFTS:
            where = f"from step {mark} ({words}) on, update t"
            yield Prediction(
                f"shifted by {shift:+d} from a landmark",
                _sentence(evidence, shift, where),
                _shifted(evidence.scenario, len(evidence.observed), shift, mark),
            )


@lru_cache(maxsize=256)
def _shifted(scenario: Scenario, rows: int, shift: int, since: int) -> Rates:
    t = scenario.t[:rows]
    rates = at(scenario.recipe, np.where(t >= since, np.maximum(t + shift, 0), t))
    rates.flags.writeable = False
    return rates


def _run_back(recipe: Recipe, t: Rates, shifted: Rates) -> Rates:
    """Return *shifted* with the closed form of the steps *t* below 0, taken as it stands there."""
    rates = shifted.copy()
    rates[t < 0] = below(recipe, t[t < 0])
    return rates


def after_a_change(evidence: Evidence) -> Iterator[Prediction]:
    """The same under a scenario that changes something from outside, in either form."""
    for shift in _NEAREST:
        for form in (CLOSED, RECURSIVE, OWN):
            sentence = f"{_sentence(evidence, shift, 'update t')} It follows the {form}."
            rates = simulate(evidence.scenario, form, shift=shift)
            yield Prediction(f"shifted by {shift:+d}", sentence, rates)


def _sentence(evidence: Evidence, shift: int, where: str) -> str:
    sign = "+" if shift > 0 else "−"
    late = "early" if shift > 0 else "late"
    count = abs(shift)
    unit = "step" if count == 1 else "steps"
    return (
        f"The curve is {count} {unit} {late}: {where} uses the rate of step t {sign} {count}. "
        f"{evidence.seen}"
    )
