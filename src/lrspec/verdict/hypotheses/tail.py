"""The curve is right up to where it ends; what comes after is something else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.truth.compiled import value
from lrspec.truth.reference import Rates
from lrspec.verdict.evidence import Evidence, Explanation, seen


def other_tail(evidence: Evidence) -> Iterator[Explanation]:
    """From its end on, the rate is held, zero, begun again, or run back."""
    end = _end(evidence)
    t = evidence.drive.t[: len(evidence.observed)]
    if not end or not evidence.drive.stepwise or evidence.step(evidence.first) < end:
        return
    tails = {
        "held": np.minimum(t, end),
        "held one step early": np.minimum(t, end - 1),
        "repeated": np.where(t >= end, (t - end) % end, t),
        "mirrored": np.where(t >= end, np.abs((t - end) % (2 * end) - end), t),
    }
    predictions: dict[str, Rates] = {
        words: evidence.expected[steps]
        for words, steps in tails.items()
        if steps.max(initial=0) < len(evidence.expected)
    }
    predictions["zero"] = np.where((t >= end)[:, None], 0.0, evidence.expected)
    for words, prediction in predictions.items():
        if evidence.fits(prediction):
            sentence = f"From its end at step {end} on the rate is {words}. {seen(evidence)}"
            yield Explanation("other tail", sentence)


def _end(evidence: Evidence) -> int | None:
    recipe = evidence.drive.recipe
    formula = recipe.schedule.end
    return None if formula is None else int(value(formula, recipe.values(1.0)))
