"""From one run to its verdict: what was seen, held against the specification, and explained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrspec.truth.drive import Drive
from lrspec.truth.reference import Rates, at
from lrspec.truth.tolerance import tolerance_of
from lrspec.truth.trace import Observation
from lrspec.verdict.compare import Difference, compare
from lrspec.verdict.evidence import Evidence, Explanation, number, seen
from lrspec.verdict.hypotheses import HYPOTHESES


@dataclass(frozen=True)
class Judgement:
    """The verdict on one run, and what it rests on.

    `verdict` is `conforms`, `diverges`, or the run's status where there is no trace. `first` is
    the step of the first row that differs.
    """

    verdict: str
    kind: str
    explanation: str
    first: int | None = None
    difference: Difference | None = None
    expected: Rates | None = None


def judge(drive: Drive, seen: Observation, precision: str, applied: str) -> Judgement:
    """Return the verdict on what was seen of *drive*.

    *precision* is what the trace is held to, *applied* the precision of the applied rates.
    """
    if seen.status != "trace":
        return Judgement(seen.status, seen.status, seen.reason)
    expected = at(drive.recipe, drive.t)
    observed = seen.rates
    got = len(observed)
    if got < len(expected) and seen.error is None:
        reason = f"{got} updates were recorded of {len(expected)}"
        return Judgement("errored", "errored", reason)
    if any(r is not None and r.shape != observed.shape for r in (seen.reported, seen.applied)):
        return Judgement("errored", "errored", "as many rates must be applied as are reported")
    evidence = Evidence(drive, expected[:got], observed, tolerance_of(precision))
    judgement = _of_rates(evidence, expected)
    if judgement.verdict == "conforms" and seen.error is not None:
        return _raised(evidence, expected, seen.error)
    told = _misreported(evidence, seen, applied)
    return told or judgement


def _of_rates(evidence: Evidence, expected: Rates) -> Judgement:
    difference = evidence.difference
    if difference.kind == "exact":
        return Judgement("conforms", "exact", "", None, difference, expected)
    if difference.kind == "rounding":
        return Judgement("conforms", "rounding", "", None, difference, expected)
    first = evidence.step(evidence.first)
    if difference.kind == "drift":
        sentence = (
            f"Drifts apart by up to {difference.max_rel:.2g} of the peak: more than rounding, "
            "less than a divergence."
        )
        return Judgement("conforms", "drift", sentence, first, difference, expected)
    explanation = explain(evidence)
    return Judgement(
        "diverges", explanation.kind, explanation.sentence, first, difference, expected
    )


def explain(evidence: Evidence) -> Explanation:
    """Return the first hypothesis whose predicted trace is what was seen."""
    for hypothesis in HYPOTHESES:
        for explanation in hypothesis(evidence):
            return explanation
    return Explanation("unexplained", f"No hypothesis predicts what was seen. {seen(evidence)}")


def _raised(evidence: Evidence, expected: Rates, error: str) -> Judgement:
    row = len(evidence.observed)
    if row < len(expected):
        step = int(evidence.drive.t[row])
        sentence = (
            f"Raises before step {step}, where the specification has "
            f"{number(expected[row, 0])}: {error}"
        )
    else:
        step = int(evidence.drive.t[-1]) + 1
        sentence = f"Raises after step {step - 1}: {error}"
    return Judgement("diverges", "error raised", sentence, step, evidence.difference, expected)


def _misreported(evidence: Evidence, seen: Observation, applied: str) -> Judgement | None:
    """Hold the applied rates against the reported ones: they must tell the same story."""
    if seen.reported is None or seen.applied is None:
        return None
    story = seen.reported.astype(np.float32).astype(np.float64) if applied == "float32" else None
    difference = compare(
        seen.reported if story is None else story, seen.applied, tolerance_of("float64")
    )
    if difference.first is None:
        return None
    row = difference.first
    sentence = (
        f"Reports {number(seen.reported[row, 0])} for step {evidence.step(row)} and applies "
        f"{number(seen.applied[row, 0])}."
    )
    step = evidence.step(row)
    return Judgement("diverges", "misreported", sentence, step, difference, evidence.expected)
