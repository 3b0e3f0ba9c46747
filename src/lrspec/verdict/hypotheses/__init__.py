"""What may lie behind a divergence: each hypothesis predicts a trace, simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrspec.verdict.evidence import Evidence, Explanation
from lrspec.verdict.hypotheses import form, landmark, missed, precision, shift, tail, timebase

#: Each offers the explanations whose predicted trace fits the evidence; the first one is kept.
HYPOTHESES: tuple[Callable[[Evidence], Iterator[Explanation]], ...] = (
    precision.float32,
    shift.whole,
    timebase.other_time,
    landmark.only_there,
    form.chainable,
    shift.from_a_landmark,
    tail.other_tail,
    missed.never_reached,
    timebase.other_time_and_landmarks,
)
