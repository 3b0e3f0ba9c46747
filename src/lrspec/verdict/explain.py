"""From one run to its verdict: what was seen, held against the specification, and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from lrspec.engine.closed_form import Rates, momentum
from lrspec.engine.rules import Rule
from lrspec.runtime.observation import Observation
from lrspec.scenario.scenario import Scenario, whole
from lrspec.scenario.simulation import forms
from lrspec.spec.tolerance import Tolerance, tolerance_of
from lrspec.verdict.broken import broken, broken_momentum
from lrspec.verdict.compare import Difference, compare, fit
from lrspec.verdict.evidence import Attempt, Evidence, Explanation, number, pair
from lrspec.verdict.hypotheses import AFTER_A_CHANGE, HYPOTHESES, default, predictions
from lrspec.verdict.results import Verdict

#: A scenario's only expectation has no name; where two forms are right, each has its own.
UNDISTURBED = ""


@dataclass(frozen=True)
class Judgement:
    """The verdict on one run, and what it rests on.

    `verdict` is `conforms`, `diverges`, or the run's status where there is no trace. `first` is
    the step of the first row that differs. `silent` are the kinds of divergence that would not show
    in this run, because what they predict is what the specification has. `tried` are the
    hypotheses that did not fit, and `rules` the numbered rules that are broken. `of` says what
    `difference` and `expected` are of: the `rate` or the `momentum`.
    """

    verdict: Verdict
    kind: str
    explanation: str
    first: float | None = None
    difference: Difference | None = None
    expected: Rates | None = None
    silent: tuple[str, ...] = ()
    tried: tuple[Attempt, ...] = ()
    rules: tuple[Rule, ...] = ()
    of: Literal["rate", "momentum"] = "rate"


def judge(
    scenario: Scenario,
    seen: Observation,
    precision: str,
    applied: str,
    assumes: Mapping[str, Any] | None = None,
) -> Judgement:
    """Return the verdict on what was seen of *scenario*.

    *precision* is what the trace is held to, *applied* the precision of the applied rates;
    *assumes* are the framework's own defaults that the source leaves to it.
    """
    if seen.status != "trace":
        return Judgement(seen.status, seen.status, seen.reason)
    expectations = _expectations(scenario)
    width = next(iter(expectations.values())).shape[1]
    observed = _widened(seen.rates, width)
    got = len(observed)
    if got < len(scenario.t) and seen.error is None:
        return Judgement("errored", "errored", f"{got} updates were recorded of {len(scenario.t)}")
    if not _complete(scenario, seen):
        return Judgement("errored", "errored", "as many rates must be applied as are reported")
    evidences = {
        name: Evidence(scenario, expected[:got], observed, tolerance_of(precision), assumes or {})
        for name, expected in expectations.items()
    }
    name = min(evidences, key=lambda found: _distance(evidences[found].difference))
    evidence, expected = evidences[name], expectations[name]
    judgement = _of_rates(evidence, name, expected)
    told = _misreported(evidence, seen, applied)
    if told is None and judgement.verdict == "conforms":
        told = _momentum(evidence, seen)
    if told is not None:
        return told
    if judgement.verdict == "conforms" and seen.error is not None:
        return _raised(evidence, expected, seen.error)
    if judgement.verdict == "diverges" and seen.error is not None:
        then = f"{judgement.explanation} Then it raises: {seen.error}"
        return replace(judgement, kind=f"{judgement.kind}, then an error", explanation=then)
    if name != UNDISTURBED and judgement.kind in ("exact", "rounding"):
        others = [other for other in evidences if other != name]
        if not any(evidences[other].difference.kind in ("exact", "rounding") for other in others):
            return replace(judgement, kind=name, explanation=f"It follows the {name}.")
    return judgement


def _distance(difference: Difference) -> tuple[int, float]:
    """Return how far a run is from an expectation: in how many updates, then how far at most."""
    return difference.count, difference.max_rel


def _complete(scenario: Scenario, seen: Observation) -> bool:
    """Tell whether there is an applied rate for every update whose rate was reported."""
    rates = seen.rates
    if seen.reported is None or seen.applied is None:
        return seen.reported is None or scenario.updates == 0
    return seen.applied.shape == (min(scenario.updates, len(rates)), rates.shape[1])


def _expectations(scenario: Scenario) -> dict[str, Rates]:
    if scenario.id.expects_forms:
        return forms(scenario)
    return {UNDISTURBED: scenario.expected}


def _widened(rates: Rates, width: int) -> Rates:
    """Return *rates* with a column a group, also of groups that never came to be."""
    missing = max(width - rates.shape[1], 0)
    return np.pad(rates, ((0, 0), (0, missing)), constant_values=np.nan) if missing else rates


def _of_rates(evidence: Evidence, name: str, expected: Rates) -> Judgement:
    difference = evidence.difference
    if difference.kind in ("exact", "rounding"):
        silent = _silent(evidence.scenario, name, len(evidence.observed), evidence.tolerance)
        return Judgement("conforms", difference.kind, "", None, difference, expected, silent)
    first = evidence.step(evidence.first)
    if difference.kind == "drift":
        sentence = (
            f"Drifts apart by up to {difference.max_rel:.2g} of the peak: more than rounding, "
            "less than a divergence."
        )
        return Judgement("conforms", "drift", sentence, first, difference, expected)
    told = explain(evidence)
    return Judgement(
        "diverges",
        told.kind,
        told.sentence,
        first,
        difference,
        expected,
        tried=told.tried,
        rules=broken(evidence.scenario, evidence.first, told.rule),
    )


@lru_cache(maxsize=256)
def _silent(scenario: Scenario, name: str, rows: int, tolerance: Tolerance) -> tuple[str, ...]:
    """Return the kinds of divergence that so many rows of *scenario* could not have shown.

    *name* is that of the expectation which they met.
    """
    expected = _expectations(scenario)[name][:rows]
    found = dict.fromkeys(
        prediction.kind
        for prediction in predictions(scenario)
        if fit(expected, prediction.rates[: len(expected)], tolerance)[0]
    )
    return tuple(found)


def explain(evidence: Evidence) -> Explanation:
    """Return the first prediction that is what was seen, with the nearest of each one before."""
    hypotheses = AFTER_A_CHANGE if evidence.scenario.id.expects_forms else HYPOTHESES
    tried: list[Attempt] = []
    for hypothesis in hypotheses:
        nearest: Attempt | None = None
        for found in hypothesis(evidence):
            fits, misfit = evidence.misfit(found.rates, found.tolerance)
            if fits:
                return Explanation(found.kind, found.sentence, tuple(tried), found.rule)
            if nearest is None or misfit < nearest.misfit:
                nearest = Attempt(found.kind, misfit)
        if nearest is not None:
            tried.append(nearest)
    sentence = f"No hypothesis predicts what was seen. {evidence.seen}"
    return Explanation("unexplained", sentence, tuple(tried))


def _raised(evidence: Evidence, expected: Rates, error: str) -> Judgement:
    row = len(evidence.observed)
    step: float
    if row < len(expected):
        step = whole(evidence.scenario.t[row])
        sentence = (
            f"Raises before step {step}, where the specification has "
            f"{number(expected[row, 0])}: {error}"
        )
    else:
        step = whole(evidence.scenario.t[-1] + 1)
        sentence = f"Raises after step {step - 1}: {error}"
    rules = broken(evidence.scenario, row)
    difference = evidence.difference
    return Judgement("diverges", "error raised", sentence, step, difference, expected, rules=rules)


def _misreported(evidence: Evidence, seen: Observation, applied: str) -> Judgement | None:
    """Hold the applied rates against the reported ones: they must tell the same story."""
    if seen.reported is None or seen.applied is None:
        return None
    reported = seen.reported[: len(seen.applied)]
    difference = compare(reported, seen.applied, tolerance_of(applied))
    if difference.first is None:
        return None
    row = difference.first
    reports, applies = pair(seen.reported[row], seen.applied[row])
    step = evidence.step(row)
    sentence = f"Reports {reports} for step {step} and applies {applies}."
    rules = broken(evidence.scenario, row)
    return Judgement(
        "diverges", "misreported", sentence, step, difference, evidence.expected, rules=rules
    )


def _momentum(evidence: Evidence, seen: Observation) -> Judgement | None:
    """Hold the momentum against the specification's, where either moves it.

    What is not moved stays at 0: a worker's optimizer is given none.
    """
    moves = momentum(evidence.scenario.recipe, evidence.scenario.t[: len(evidence.observed)])
    if moves is None and seen.momentum is None:
        return None
    still = np.zeros_like(evidence.observed)
    expected = still if moves is None else moves
    observed = still if seen.momentum is None else seen.momentum
    if observed.shape != expected.shape:
        reason = f"a momentum of the shape {observed.shape}, not {expected.shape}"
        return Judgement("errored", "errored", reason)
    difference = compare(expected, observed, evidence.tolerance)
    if difference.first is None:
        return None
    step, kind = evidence.step(difference.first), "momentum"
    right, found = pair(expected[difference.first], observed[difference.first])
    sentence = f"The momentum at step {step} is {found} where the specification has {right}."
    if moves is None:
        sentence = "The momentum moves with the rate."
        if "cycle_momentum" in evidence.assumes:
            kind, sentence = "another default", default.assumption(evidence)
    elif seen.momentum is None:
        sentence = "The momentum stays as it is."
    rules = broken_momentum(evidence.scenario)
    return Judgement(
        "diverges", kind, sentence, step, difference, expected, rules=rules, of="momentum"
    )
