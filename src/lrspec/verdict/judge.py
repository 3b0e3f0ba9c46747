"""The verdict on one run: the observation against the prediction, and against the specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lrspec.dialect.dialect import Departure
from lrspec.dialect.prediction import Prediction
from lrspec.runtime.observation import Observation
from lrspec.scenario.scenario import Scenario
from lrspec.verdict.judgement import Judgement, Precision, sentence_of
from lrspec.verdict.results import Verdict
from lrspec.verdict.specification import specified
from lrspec.verdict.unpredicted import unpredicted

NOTHING_KNOWN: Mapping[str, Departure] = MappingProxyType({})


def judge(
    scenario: Scenario,
    observation: Observation,
    precision: Precision,
    prediction: Prediction | None = None,
    known: Mapping[str, Departure] = NOTHING_KNOWN,
) -> Judgement:
    """Return the verdict on the *observation* of a run of *scenario*.

    *prediction* is that of the framework's dialect, which the observation must equal bit for bit,
    and *known* are its departures, the most specific first. Without a prediction the run has to
    follow the specification.
    """
    if observation.status in ("unsupported", "absent"):
        return Judgement(None, observation.reason)
    if prediction is None:
        judgement = specified(scenario, observation, precision)
        verdict: Verdict = "conforms" if judgement.verdict == "conforms" else "unpredicted"
        return replace(judgement, verdict=verdict)
    mismatch = unpredicted(scenario, prediction, observation)
    return mismatch or against_specification(scenario, observation, precision, prediction, known)


def against_specification(
    scenario: Scenario,
    observation: Observation,
    precision: Precision,
    prediction: Prediction,
    known: Mapping[str, Departure],
) -> Judgement:
    """Return the verdict on an *observation* that is as predicted; the arguments are `judge`'s.

    A run that differs from the specification, and that no departure explains, is unpredicted.
    """
    judgement = specified(scenario, observation, precision)
    if judgement.verdict == "conforms":
        return judgement
    row = len(observation.rates) if judgement.row is None else judgement.row
    changed = ("rate", "momentum") if judgement.of == "momentum" else ("rate",)
    until = prediction.departures_until(row)
    names = [n for n in known if n in until and known[n].changes in changed]
    if not names and scenario.original is not None:
        return judgement
    if not names:
        unexplained = f"No departure explains this: {sentence_of(judgement.explanation)}"
        return replace(judgement, verdict="unpredicted", explanation=unexplained)
    causes = [known[name] for name in names]
    shown = judgement.explanation
    if observation.status == "rejected":
        shown = f"The constructor raises {shown}"
    sentences = [*(c.cause for c in causes), sentence_of(shown), *(c.do for c in causes)]
    return replace(
        judgement,
        departures=tuple(dict.fromkeys((*names, *prediction.departures))),
        explanation=" ".join(dict.fromkeys(sentences)),
    )
