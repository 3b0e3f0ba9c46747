"""Whether a run has the specified rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrspec.engine.closed_form import Rates, momentum
from lrspec.runtime.observation import Observation
from lrspec.scenario.scenario import Scenario, whole
from lrspec.scenario.simulation import forms
from lrspec.scenario.steps import Steps
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare, largest_rate, number, pair
from lrspec.verdict.judgement import Judgement, Precision, sentence_of, step_of
from lrspec.verdict.violated_rules import violated_momentum_rules, violated_rules


@np.errstate(over="ignore", invalid="ignore")  # a framework may return any rate
def specified(scenario: Scenario, observation: Observation, precision: Precision) -> Judgement:
    """Return the verdict on *observation* against the specification: it conforms or departs."""
    if observation.status != "trace":
        return Judgement("departs", observation.reason)
    expectations = forms(scenario) if scenario.id.expects_forms else {"": scenario.expected}
    width = next(iter(expectations.values())).shape[1]
    observed = _widened(observation.rates, width)
    rows, original = len(observed), scenario.original
    if original is not None and rows > len(original.rates):
        step = step_of(scenario, len(original.rates))
        return Judgement(
            "departs", f"Reaches step {step}, where the original raises {original.error}"
        )
    if rows < len(scenario.t) and observation.error is None:
        return Judgement("departs", f"{rows} updates were recorded of {len(scenario.t)}")
    if not _complete(scenario, observation):
        return Judgement("departs", "as many rates must be applied as are reported")
    tolerance = tolerance_of(precision.reported)
    largest = largest_rate(scenario.recipe) if original is None else None
    differences = {
        name: compare(expected[:rows], observed, tolerance, largest)
        for name, expected in expectations.items()
    }
    form = min(differences, key=lambda name: (differences[name].count, differences[name].max_rel))
    expected, difference = expectations[form], differences[form]
    row = difference.first
    judgement = Judgement(
        "conforms", "", (), form, row, None, difference, expected, observed, of="rate"
    )
    met = [name for name, other in differences.items() if other.first is None]
    if len(met) == len(differences):  # the run does not tell the forms apart
        judgement = replace(judgement, form="")
    if row is not None:
        judgement = _of_rates(scenario, judgement, row)
    if judgement.verdict == "conforms":
        judgement = (
            _misreported(scenario, observation, precision, largest)
            or _of_momentum(scenario, observation, precision)
            or judgement
        )
    if observation.error is None or (original is not None and _ends_so(original, observation)):
        return judgement
    return _raised(scenario, judgement, observation.error, rows)


def _ends_so(original: Steps, observation: Observation) -> bool:
    """Return whether the run raises what the original raises, and before the same step."""
    kind, _, _ = (observation.error or "").partition(":")
    same = len(observation.rates) == len(original.rates)
    return same and kind == original.error.partition(":")[0]


def _widened(rates: Rates, width: int) -> Rates:
    """Return *rates* with a column of NaN for each group that was never added."""
    missing = max(width - rates.shape[1], 0)
    return np.pad(rates, ((0, 0), (0, missing)), constant_values=np.nan) if missing else rates


def _complete(scenario: Scenario, observation: Observation) -> bool:
    """Return whether there is an applied rate for every update whose rate was reported."""
    rates, applied = observation.rates, observation.applied
    if observation.reported is None or applied is None:
        return observation.reported is None or scenario.updates == 0
    return applied.shape == (min(scenario.updates, len(rates)), rates.shape[1])


def _of_rates(scenario: Scenario, judgement: Judgement, row: int) -> Judgement:
    """Return *judgement* with what its difference, which begins at *row*, means."""
    difference, step = judgement.difference, step_of(scenario, row)
    assert difference is not None  # noqa: S101 - it has a row
    if difference.kind == "drift":
        sentence = (
            f"Drifts apart by up to {difference.max_rel:.2g} of the peak: more than rounding, "
            "less than a divergence."
        )
        return replace(judgement, explanation=sentence, first=step)
    assert judgement.expected is not None and judgement.actual is not None  # noqa: S101, PT018
    right, wrong = pair(judgement.expected[row], judgement.actual[row])
    kind = "recorded updates" if scenario.id.sampled else "updates"
    extent = f"{difference.count} of {len(judgement.actual)} {kind} differ"
    if np.isfinite(difference.max_rel):
        extent += f", by up to {difference.max_rel:.3g} of the peak"
    sentence = f"At step {step} it uses {wrong} where {scenario.reference} has {right}; {extent}."
    rules = violated_rules(scenario, row) if scenario.original is None else ()
    return replace(
        judgement, verdict="departs", explanation=sentence, first=step, rules=rules, form=""
    )


def _raised(scenario: Scenario, judgement: Judgement, error: str, rows: int) -> Judgement:
    """Return the verdict on a run that ended in *error* after *rows* rows."""
    step = step_of(scenario, rows)
    if judgement.verdict == "departs" or judgement.expected is None:
        then = sentence_of(f"Then it raises before step {step}: {error}")
        return replace(judgement, explanation=f"{judgement.explanation} {then}")
    where = f"Raises before step {step}, where {scenario.reference} has"
    if rows < len(judgement.expected):
        sentence = f"{where} {number(judgement.expected[rows, 0])}: {error}"
    else:
        sentence = f"Raises after step {whole(scenario.t[-1])}: {error}"
    rules = violated_rules(scenario, rows) if scenario.original is None else ()
    return replace(
        judgement,
        verdict="departs",
        explanation=sentence_of(sentence),
        row=rows,
        first=step,
        rules=rules,
    )


def _misreported(
    scenario: Scenario, observation: Observation, precision: Precision, largest: float | None
) -> Judgement | None:
    """Return the verdict if the applied rates are not the reported ones, None if they agree."""
    reported, applied = observation.reported, observation.applied
    if reported is None or applied is None:
        return None
    reported = reported[: len(applied)]
    difference = compare(reported, applied, tolerance_of(precision.applied), largest)
    row = difference.first
    if row is None:
        return None
    reports, applies = pair(reported[row], applied[row])
    step = step_of(scenario, row)
    return Judgement(
        "departs",
        f"Reports {reports} for step {step} and applies {applies}.",
        row=row,
        first=step,
        difference=difference,
        expected=scenario.expected,
        actual=applied,
        rules=violated_rules(scenario, row),
        of="reported rate",
    )


def _of_momentum(
    scenario: Scenario, observation: Observation, precision: Precision
) -> Judgement | None:
    """Return the verdict if the momentum is not the specified one, None if it is.

    A momentum that nothing sets is 0: the worker's optimizer has none. It is not specified for two
    schedulers on one optimizer, which both set it.
    """
    if scenario.others:
        return None
    if scenario.original is None:
        specified = momentum(scenario.recipe, scenario.t[: len(observation.rates)])
    else:
        specified = scenario.original.rows(slice(len(observation.rates))).momentum
    if specified is None and observation.momentum is None:
        return None
    zeros = np.zeros_like(observation.rates)
    expected = zeros if specified is None else specified
    actual = zeros if observation.momentum is None else observation.momentum
    if actual.shape != expected.shape:
        sentence = f"A momentum of the shape {actual.shape}, not {expected.shape}."
        return Judgement("departs", sentence)
    difference = compare(expected, actual, tolerance_of(precision.reported), 1.0)
    row = difference.first
    if row is None:
        return None
    right, wrong = pair(expected[row], actual[row])
    step = step_of(scenario, row)
    sentence = f"The momentum at step {step} is {wrong} where {scenario.reference} has {right}."
    if specified is None:
        sentence = f"The momentum moves with the rate: at step {step} it is {wrong}."
    elif observation.momentum is None:
        sentence = "The momentum does not move."
    return Judgement(
        "departs",
        sentence,
        row=row,
        first=step,
        difference=difference,
        expected=expected,
        actual=actual,
        rules=violated_momentum_rules(scenario),
        of="momentum",
    )
