"""The right curve at the wrong step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.truth.landmarks import landmarks
from lrspec.truth.reference import Rates, at
from lrspec.verdict.evidence import Evidence, Explanation, seen

_SHIFTS = (1, -1, 2, -2, 3, -3)


def whole(evidence: Evidence) -> Iterator[Explanation]:
    """Update t uses the rate of step t + k, from the start on."""
    for shift in _SHIFTS:
        if evidence.fits(_shifted(evidence, shift, 0)):
            yield Explanation(f"shifted by {shift:+d}", _sentence(evidence, shift, "update t"))


def from_a_landmark(evidence: Evidence) -> Iterator[Explanation]:
    """Update t uses the rate of step t + k from a landmark on."""
    first = evidence.step(evidence.first)
    marks = landmarks(evidence.drive.recipe, int(evidence.drive.t.max(initial=0)) + 1)
    for mark, words in marks.items():
        if abs(mark - first) > max(_SHIFTS):
            continue
        for shift in _SHIFTS:
            if evidence.fits(_shifted(evidence, shift, mark)):
                where = f"from step {mark} ({words}) on, update t"
                yield Explanation(
                    f"shifted by {shift:+d} from a landmark", _sentence(evidence, shift, where)
                )


def _shifted(evidence: Evidence, shift: int, since: int) -> Rates:
    t = evidence.drive.t[: len(evidence.observed)]
    steps = np.where(t >= since, np.maximum(t + shift, 0), t)
    return at(evidence.drive.recipe, steps)


def _sentence(evidence: Evidence, shift: int, where: str) -> str:
    sign = "+" if shift > 0 else "−"
    late = "early" if shift > 0 else "late"
    count = abs(shift)
    unit = "step" if count == 1 else "steps"
    return (
        f"The curve is {count} {unit} {late}: {where} uses the rate of step t {sign} {count}. "
        f"{seen(evidence)}"
    )
