"""The curve is right everywhere but at the steps where something happens."""

from __future__ import annotations

from collections.abc import Iterator

from lrspec.truth.landmarks import landmarks
from lrspec.verdict.evidence import Evidence, Explanation, seen

_LISTED = 6


def only_there(evidence: Evidence) -> Iterator[Explanation]:
    """Every step that differs is a landmark or step 0, and most steps do not differ."""
    drive, difference = evidence.drive, evidence.difference
    known = landmarks(drive.recipe, int(drive.t.max(initial=0)))
    marks: dict[float, str] = {0: "start", **{float(step): words for step, words in known.items()}}
    steps = sorted({evidence.step(int(row)) for row in difference.rows})
    if not steps or any(s not in marks for s in steps) or 2 * difference.count > len(drive.t):
        return
    names = [f"the {marks[step]} at step {step}" for step in steps[:_LISTED]]
    more = f" and {len(steps) - _LISTED} more" if len(steps) > _LISTED else ""
    listed = f"Wrong at {', '.join(names)}{more}, and nowhere else."
    yield Explanation("off at landmarks", f"{listed} {seen(evidence)}")
