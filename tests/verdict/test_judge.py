"""The verdict on one run, from hand-made observations and predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrspec.dialect.dialect import Departure
from lrspec.dialect.prediction import PredictedError, Prediction
from lrspec.runtime.observation import Observation
from lrspec.scenario.builders import expand
from lrspec.spec.recipe import from_dict
from lrspec.verdict.judge import judge
from lrspec.verdict.judgement import Judgement, Precision

pytestmark = pytest.mark.every_python

STEP = from_dict({"schedule": "step", "base_lr": 1, "step_size": 2, "gamma": 0.5})
SCENARIO = expand(STEP, "stepwise", 4)[0]
RIGHT = np.array([[1.0], [1.0], [0.5], [0.5]])
LATE = np.array([[1.0], [1.0], [1.0], [0.5]])
EXACT = Precision("float64", "float64")
KNOWN = {
    name: Departure(right=right, cause=f"Cause of {name}.", do=f"Do {name}.", versions="", checked="", changes=changes)
    for name, right, changes in (
        ("special", "specification", "rate"),
        ("general", "neither", "rate"),
        ("moving", "neither", "momentum"),
    )
}  # fmt: skip


def observation(rates: np.ndarray | None, **changed) -> Observation:
    return replace(Observation("trace", "", rates, rates), **changed)


def predicted(rates: np.ndarray | None, **changed) -> Prediction:
    return replace(Prediction("trace", rates, rates, None, None, {}), **changed)


def verdict(observation: Observation, prediction: Prediction | None) -> Judgement:
    return judge(SCENARIO, observation, EXACT, prediction, KNOWN)


def test_a_run_as_predicted_and_as_specified_conforms():
    judgement = verdict(observation(RIGHT), predicted(RIGHT))
    assert (judgement.verdict, judgement.difference.kind, judgement.departures) == (
        "conforms",
        "exact",
        (),
    )


def test_a_run_as_predicted_but_not_as_specified_departs():
    departures = {"general": 0, "special": 1, "moving": 0}
    judgement = verdict(observation(LATE), predicted(LATE, departures=departures))
    assert (judgement.verdict, judgement.first, judgement.row) == ("departs", 2, 2)
    assert judgement.departures == ("special", "general", "moving")
    assert judgement.explanation == (
        "Cause of special. Cause of general. At step 2 it uses 1 where the specification has 0.5; "
        "1 of 4 updates differ, by up to 0.5 of the peak. Do special. Do general."
    )


def test_a_departure_that_comes_later_is_no_cause():
    judgement = verdict(observation(LATE), predicted(LATE, departures={"general": 0, "special": 3}))
    assert "special" not in judgement.explanation
    assert judgement.departures == ("general", "special")


def test_a_departure_that_has_gone_is_unpredicted():
    judgement = verdict(observation(RIGHT), predicted(LATE, departures={"special": 0}))
    assert (judgement.verdict, judgement.first) == ("unpredicted", 2)
    assert judgement.explanation == "Predicted the rate 1.0 at step 2, observed 0.5."
    assert judgement.departures == ()


def test_a_difference_in_the_last_place_is_unpredicted():
    judgement = verdict(observation(np.nextafter(RIGHT, 2)), predicted(RIGHT))
    assert (judgement.verdict, judgement.first) == ("unpredicted", 0)


@pytest.mark.parametrize(
    ("observation", "prediction", "explanation"),
    [
        (
            Observation("rejected", "ValueError: no"),
            predicted(RIGHT),
            "Predicted trace, observed rejected: ValueError: no.",
        ),
        (
            observation(RIGHT),
            predicted(None, status="rejected", error=PredictedError("ValueError", "no")),
            "Predicted ValueError that matches /no/, observed trace.",
        ),
        (
            Observation("rejected", "SyntaxError: no"),
            predicted(None, status="rejected", error=PredictedError("ValueError", "no")),
            "Predicted ValueError that matches /no/, observed SyntaxError: no.",
        ),
        (
            observation(RIGHT, error="KeyError: 'lr'"),
            predicted(RIGHT),
            "Predicted no error, observed KeyError: 'lr'.",
        ),
        (
            observation(RIGHT[:3], error="KeyError: 'lr'"),
            predicted(RIGHT),
            "Predicted the rate 0.5 at step 3, observed none.",
        ),
        (
            observation(RIGHT, momentum=RIGHT),
            predicted(RIGHT),
            "Predicted the momentum none at step 0, observed 1.0.",
        ),
        (
            observation(RIGHT, applied=LATE),
            predicted(RIGHT),
            "Predicted the rate 0.5 at step 2, observed 1.0.",
        ),
        (
            Observation("crashed", "the worker died"),
            predicted(RIGHT),
            "Predicted trace, observed crashed: the worker died.",
        ),
    ],
)  # fmt: skip
def test_anything_else_than_was_predicted_is_unpredicted(observation, prediction, explanation):
    judgement = verdict(observation, prediction)
    assert (judgement.verdict, judgement.explanation) == ("unpredicted", explanation)


def test_a_predicted_rejection_departs_with_its_error():
    prediction = predicted(
        None, status="rejected", error=PredictedError("ValueError", ".*"), departures={"special": 0}
    )
    judgement = verdict(Observation("rejected", "ValueError: no"), prediction)
    assert judgement.verdict == "departs"
    assert (
        judgement.explanation
        == "Cause of special. The constructor raises ValueError: no. Do special."
    )


def test_a_predicted_error_departs_at_its_step():
    prediction = predicted(
        RIGHT[:3], error=PredictedError("KeyError", ".*"), departures={"special": 3}
    )
    judgement = verdict(observation(RIGHT[:3], error="KeyError: 'lr'"), prediction)
    assert (judgement.verdict, judgement.first) == ("departs", 3)
    assert "Raises before step 3, where the specification has 0.5: KeyError: 'lr'." in (
        judgement.explanation
    )


def test_rates_that_are_reported_and_not_applied_depart():
    prediction = predicted(RIGHT, applied=LATE, departures={"special": 0})
    judgement = verdict(observation(RIGHT, applied=LATE), prediction)
    assert (judgement.verdict, judgement.of) == ("departs", "reported rate")
    assert "Reports 0.5 for step 2 and applies 1." in judgement.explanation


def test_a_momentum_that_is_not_specified_departs_for_its_own_causes():
    departures = {"moving": 0, "special": 3}
    prediction = predicted(RIGHT, momentum=RIGHT, departures=departures)
    judgement = verdict(observation(RIGHT, momentum=RIGHT), prediction)
    assert (judgement.verdict, judgement.of) == ("departs", "momentum")
    assert judgement.explanation == (
        "Cause of moving. The momentum moves with the rate: at step 0 it is 1. Do moving."
    )


def test_without_a_prediction_the_specification_is_the_prediction():
    assert verdict(observation(RIGHT), None).verdict == "conforms"
    assert verdict(observation(LATE), None).verdict == "unpredicted"


@pytest.mark.parametrize("status", ["absent", "unsupported"])
def test_there_is_no_verdict_where_nothing_was_run(status):
    judgement = verdict(Observation(status, "the reason"), predicted(RIGHT))
    assert (judgement.verdict, judgement.explanation) == (None, "the reason")


@pytest.mark.parametrize(
    ("form", "after"), [("recursive form", lambda t: 0.5 * 0.5 ** (t // 2)), ("closed form", lambda t: 0.5 ** (t // 2))]
)  # fmt: skip
def test_either_form_conforms_after_a_change_of_the_rate(form: str, after):
    """The rate of step 1 is halved: the recursion continues from it, the closed form discards it."""
    (scenario,) = expand(STEP, "changed@1:halved", 4)
    rates = np.array([[1.0], [0.5], *([after(t)] for t in range(2, 13))])
    judgement = judge(scenario, observation(rates), EXACT, predicted(rates), KNOWN)
    assert (judgement.verdict, judgement.form) == ("conforms", form)
