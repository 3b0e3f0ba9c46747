"""The verdict on one run: the observation compared with the specification, and explained."""

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
from lrspec.verdict.compare import Difference, compare, fit
from lrspec.verdict.evidence import Attempt, Evidence, Explanation, number, pair
from lrspec.verdict.hypotheses import AFTER_A_CHANGE, HYPOTHESES, default, predictions
from lrspec.verdict.results import Verdict
from lrspec.verdict.violated_rules import violated_momentum_rules, violated_rules

#: The name of the only expectation of a scenario that allows one form.
UNDISTURBED = ""


@dataclass(frozen=True)
class Judgement:
    """The verdict on one run, and its grounds.

    `verdict` is `conforms`, `diverges`, or the status of a run without a trace. `first` is the step
    of the first row that differs. `silent` are the kinds of divergence that this run cannot show,
    because they predict the specified rates. `tried` are the hypotheses that do not fit, and
    `rules` the violated rules. `of` says what `difference` and `expected` hold: the `rate` or the
    `momentum`.
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


@np.errstate(over="ignore", invalid="ignore")  # a framework may return any rate
def judge(
    scenario: Scenario,
    observation: Observation,
    precision: str,
    applied: str,
    assumes: Mapping[str, Any] | None = None,
) -> Judgement:
    """Return the verdict on the *observation* of a run of *scenario*.

    *precision* is that of the trace, *applied* that of the applied rates; *assumes* are the
    framework's defaults that the source relies on.
    """
    if observation.status != "trace":
        return Judgement(observation.status, observation.status, observation.reason)
    expectations = _expectations(scenario)
    width = next(iter(expectations.values())).shape[1]
    observed = _widened(observation.rates, width)
    rows, error = len(observed), observation.error
    if rows < len(scenario.t) and error is None:
        return Judgement("errored", "errored", f"{rows} updates were recorded of {len(scenario.t)}")
    if not _complete(scenario, observation):
        return Judgement("errored", "errored", "as many rates must be applied as are reported")
    evidences = {
        name: Evidence(scenario, expected[:rows], observed, tolerance_of(precision), assumes or {})
        for name, expected in expectations.items()
    }
    name = min(evidences, key=lambda name: _distance(evidences[name].difference))
    evidence, expected = evidences[name], expectations[name]
    judgement = _of_rates(evidence, name, expected)
    other = _misreported(evidence, observation, applied)
    if other is None and judgement.verdict == "conforms":
        other = _momentum(evidence, observation)
    if other is not None:
        return other
    if judgement.verdict == "conforms" and error is not None:
        return _raised(evidence, expected, error)
    if judgement.verdict == "diverges" and error is not None:
        then = f"{judgement.explanation} Then it raises: {error}"
        return replace(judgement, kind=f"{judgement.kind}, then an error", explanation=then)
    if name != UNDISTURBED and judgement.kind in ("exact", "rounding"):
        others = [other for other in evidences if other != name]
        if not any(evidences[other].difference.kind in ("exact", "rounding") for other in others):
            return replace(judgement, kind=name, explanation=f"It follows the {name}.")
    return judgement


def _distance(difference: Difference) -> tuple[int, float]:
    """Return a sort key of a difference: the number of updates, then the largest error."""
    return difference.count, difference.max_rel


def _complete(scenario: Scenario, observation: Observation) -> bool:
    """Return whether there is an applied rate for every update whose rate was reported."""
    rates, applied = observation.rates, observation.applied
    if observation.reported is None or applied is None:
        return observation.reported is None or scenario.updates == 0
    return applied.shape == (min(scenario.updates, len(rates)), rates.shape[1])


def _expectations(scenario: Scenario) -> dict[str, Rates]:
    if scenario.id.expects_forms:
        return forms(scenario)
    return {UNDISTURBED: scenario.expected}


def _widened(rates: Rates, width: int) -> Rates:
    """Return *rates* with a column of NaN for each group that was never added."""
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
    explanation = explain(evidence)
    return Judgement(
        "diverges",
        explanation.kind,
        explanation.sentence,
        first,
        difference,
        expected,
        tried=explanation.tried,
        rules=violated_rules(evidence.scenario, evidence.first, explanation.rule),
    )


@lru_cache(maxsize=256)
def _silent(scenario: Scenario, name: str, rows: int, tolerance: Tolerance) -> tuple[str, ...]:
    """Return the kinds of divergence that the first *rows* rows of *scenario* cannot show.

    *name* is that of the expectation that the run meets.
    """
    expected = _expectations(scenario)[name][:rows]
    kinds = dict.fromkeys(
        prediction.kind
        for prediction in predictions(scenario)
        if fit(expected, prediction.rates[: len(expected)], tolerance)[0]
    )
    return tuple(kinds)


def explain(evidence: Evidence) -> Explanation:
    """Return the first prediction that fits, and the closest one of each hypothesis before it."""
    hypotheses = AFTER_A_CHANGE if evidence.scenario.id.expects_forms else HYPOTHESES
    tried: list[Attempt] = []
    for hypothesis in hypotheses:
        nearest: Attempt | None = None
        for prediction in hypothesis(evidence):
            fits, misfit = evidence.misfit(prediction.rates, prediction.tolerance)
            if fits:
                kind, sentence = prediction.kind, prediction.sentence
                return Explanation(kind, sentence, tuple(tried), prediction.rule)
            if nearest is None or misfit < nearest.misfit:
                nearest = Attempt(prediction.kind, misfit)
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
    rules = violated_rules(evidence.scenario, row)
    difference = evidence.difference
    return Judgement("diverges", "error raised", sentence, step, difference, expected, rules=rules)


def _misreported(evidence: Evidence, observation: Observation, precision: str) -> Judgement | None:
    """Return the verdict if the applied rates are not the reported ones, None if they agree."""
    reported, applied = observation.reported, observation.applied
    if reported is None or applied is None:
        return None
    difference = compare(reported[: len(applied)], applied, tolerance_of(precision))
    if difference.first is None:
        return None
    row = difference.first
    reports, applies = pair(reported[row], applied[row])
    step = evidence.step(row)
    sentence = f"Reports {reports} for step {step} and applies {applies}."
    rules = violated_rules(evidence.scenario, row)
    return Judgement(
        "diverges", "misreported", sentence, step, difference, evidence.expected, rules=rules
    )


def _momentum(evidence: Evidence, observation: Observation) -> Judgement | None:
    """Return the verdict if the momentum is not the specified one, None if it is.

    A momentum that nothing sets is 0: the worker's optimizer has none.
    """
    specified = momentum(evidence.scenario.recipe, evidence.scenario.t[: len(evidence.observed)])
    if specified is None and observation.momentum is None:
        return None
    zeros = np.zeros_like(evidence.observed)
    expected = zeros if specified is None else specified
    observed = zeros if observation.momentum is None else observation.momentum
    if observed.shape != expected.shape:
        reason = f"a momentum of the shape {observed.shape}, not {expected.shape}"
        return Judgement("errored", "errored", reason)
    difference = compare(expected, observed, evidence.tolerance)
    if difference.first is None:
        return None
    step, kind = evidence.step(difference.first), "momentum"
    right, wrong = pair(expected[difference.first], observed[difference.first])
    sentence = f"The momentum at step {step} is {wrong} where the specification has {right}."
    if specified is None:
        sentence = "The momentum moves with the rate."
        if "cycle_momentum" in evidence.assumes:
            kind, sentence = "another default", default.assumption(evidence)
    elif observation.momentum is None:
        sentence = "The momentum stays as it is."
    rules = violated_momentum_rules(evidence.scenario)
    return Judgement(
        "diverges", kind, sentence, step, difference, expected, rules=rules, of="momentum"
    )
