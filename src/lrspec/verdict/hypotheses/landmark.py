"""The curve is right everywhere but at the steps where something happens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.engine.landmarks import landmarks
from lrspec.verdict.evidence import Evidence, Prediction

_LISTED = 6


def only_there(evidence: Evidence) -> Iterator[Prediction]:
    """Every step that differs is a landmark or step 0, and most steps do not differ."""
    scenario, difference = evidence.scenario, evidence.difference
    if 2 * difference.count > len(scenario.t):
        return
    known = landmarks(scenario.recipe, int(scenario.t.max(initial=0)))
    marks: dict[float, str] = {0: "start", **{float(step): words for step, words in known.items()}}
    steps = sorted({evidence.step(int(row)) for row in difference.rows} & marks.keys())
    if not steps:
        return
    there = np.isin(scenario.t[: len(evidence.observed)], list(marks))[:, None]
    rates = np.where(there, evidence.observed, evidence.expected)
    names = [f"the {marks[step]} at step {step}" for step in steps[:_LISTED]]
    more = f" and {len(steps) - _LISTED} more" if len(steps) > _LISTED else ""
    listed = f"Wrong at {', '.join(names)}{more}, and nowhere else."
    yield Prediction("off at landmarks", f"{listed} {evidence.seen}", rates)
