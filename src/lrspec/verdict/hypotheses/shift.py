"""The right curve at the wrong step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from lrspec.truth.drive import Drive
from lrspec.truth.landmarks import landmarks
from lrspec.truth.reference import Rates, at, below
from lrspec.truth.simulate import CHAINABLE, CLOSED, OWN, simulate
from lrspec.verdict.evidence import Evidence, Explanation, seen

_SHIFTS = (1, -1, 2, -2, 3, -3)
_NEAREST = (1, -1)


def whole(evidence: Evidence) -> Iterator[Explanation]:
    """Update t uses the rate of step t + k, from the start on."""
    for shift in _SHIFTS:
        shifted = _shifted(evidence.drive, len(evidence.observed), shift, 0)
        if evidence.fits(shifted) or _fits_back(evidence, shift, shifted):
            yield Explanation(f"shifted by {shift:+d}", _sentence(evidence, shift, "update t"))


def from_a_landmark(evidence: Evidence) -> Iterator[Explanation]:
    """Update t uses the rate of step t + k from a landmark on."""
    first = evidence.step(evidence.first)
    marks = landmarks(evidence.drive.recipe, int(evidence.drive.t.max(initial=0)) + 1)
    for mark, words in marks.items():
        if abs(mark - first) > max(_SHIFTS):
            continue
        for shift in _SHIFTS:
            if evidence.fits(_shifted(evidence.drive, len(evidence.observed), shift, mark)):
                where = f"from step {mark} ({words}) on, update t"
                yield Explanation(
                    f"shifted by {shift:+d} from a landmark", _sentence(evidence, shift, where)
                )


@lru_cache(maxsize=256)
def _shifted(drive: Drive, rows: int, shift: int, since: int) -> Rates:
    t = drive.t[:rows]
    rates = at(drive.recipe, np.where(t >= since, np.maximum(t + shift, 0), t))
    rates.flags.writeable = False
    return rates


def _fits_back(evidence: Evidence, shift: int, shifted: Rates) -> bool:
    """Tell whether the curve of t + k fits, the closed form taken as it stands below step 0 too."""
    t = evidence.drive.t[: len(evidence.observed)] + shift
    early = t < 0
    if not early.any():
        return False  # it is the shifted curve
    prediction = shifted.copy()
    prediction[early] = below(evidence.drive.recipe, t[early])
    return evidence.fits(prediction)


def after_a_change(evidence: Evidence) -> Iterator[Explanation]:
    """The same under a drive that changes something from outside, in either form."""
    for shift in _NEAREST:
        for form in (CLOSED, CHAINABLE, OWN):
            if evidence.fits(simulate(evidence.drive, form, shift=shift)):
                sentence = _sentence(evidence, shift, "update t")
                yield Explanation(f"shifted by {shift:+d}", f"{sentence} It follows the {form}.")


def _sentence(evidence: Evidence, shift: int, where: str) -> str:
    sign = "+" if shift > 0 else "−"
    late = "early" if shift > 0 else "late"
    count = abs(shift)
    unit = "step" if count == 1 else "steps"
    return (
        f"The curve is {count} {unit} {late}: {where} uses the rate of step t {sign} {count}. "
        f"{seen(evidence)}"
    )
