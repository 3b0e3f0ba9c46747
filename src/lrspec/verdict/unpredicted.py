"""Whether a run is as its dialect predicts, number by number and error by error."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import numpy as np

from lrspec.dialect.prediction import PredictedError, Prediction
from lrspec.engine.closed_form import Rates
from lrspec.runtime.observation import Observation
from lrspec.scenario.scenario import Scenario
from lrspec.verdict.judgement import Judgement, Of, step_of


def unpredicted(
    scenario: Scenario, prediction: Prediction, observation: Observation
) -> Judgement | None:
    """Return the verdict if *observation* is not as predicted, None if it is."""
    if observation.status != prediction.status:
        what = f"{observation.status}: {observation.reason}".rstrip(": ")
        return Judgement("unpredicted", f"Predicted {_outcome(prediction)}, observed {what}.")
    if observation.status == "rejected":
        if _matches(prediction.error, observation.reason):
            return None
        sentence = f"Predicted {_outcome(prediction)}, observed {observation.reason}."
        return Judgement("unpredicted", sentence)
    of: Of
    for of, predicted, observed in (
        ("rate", prediction.rates, observation.rates),
        ("rate", prediction.applied, observation.applied),
        ("momentum", prediction.momentum, observation.momentum),
        ("logged rate", prediction.logged, observation.logged),
    ):
        row = _first_difference(predicted, observed)
        if row is not None:
            return _mismatch(scenario, row, predicted, observed, of)
    difference = _state_difference(prediction.state, observation.state, "state")
    if difference:
        return Judgement("unpredicted", f"Predicted {difference}.")
    if not _matches(prediction.error, observation.error):
        row = len(observation.rates)
        predicted_error = _raises(prediction.error)
        sentence = f"Predicted {predicted_error}, observed {observation.error or 'no error'}."
        return Judgement("unpredicted", sentence, row=row, first=step_of(scenario, row))
    return None


def _matches(error: PredictedError | None, observed: str | None) -> bool:
    """Return whether the *observed* error, or its absence, is the predicted one."""
    if error is None or observed is None:
        return error is None and observed is None
    return error.matches(observed)


def _outcome(prediction: Prediction) -> str:
    return prediction.status if prediction.error is None else _raises(prediction.error)


def _raises(error: PredictedError | None) -> str:
    return "no error" if error is None else f"{error.type} that matches /{error.pattern}/"


def _first_difference(predicted: Rates | None, observed: Rates | None) -> int | None:
    """Return the first row in which two arrays are not the same numbers, None if they are."""
    if predicted is None or observed is None:
        return None if predicted is observed else 0
    rows = min(len(predicted), len(observed))
    if predicted.shape[1] != observed.shape[1]:
        return 0
    one, other = predicted[:rows], observed[:rows]
    differs = ~((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=1)
    if differs.any():
        return int(differs.argmax())
    return rows if len(predicted) != len(observed) else None


def _mismatch(
    scenario: Scenario, row: int, predicted: Rates | None, observed: Rates | None, of: Of
) -> Judgement:
    sides = [_row(rates, row) for rates in (predicted, observed)]
    step = step_of(scenario, row)
    sentence = f"Predicted the {of} {sides[0]} at step {step}, observed {sides[1]}."
    missing = np.empty((0, 1))
    expected = missing if predicted is None else predicted
    actual = missing if observed is None else observed
    return Judgement(
        "unpredicted", sentence, row=row, first=step, expected=expected, actual=actual, of=of
    )


def _state_difference(predicted: Any, observed: Any, place: str) -> str:
    """Return the first place at which two states differ, with both values; "" if none does."""
    if isinstance(predicted, dict) and isinstance(observed, dict):
        pairs = {
            name: (predicted.get(name, "none"), observed.get(name, "none"))
            for name in (*predicted, *observed)
        }
    elif isinstance(predicted, list) and isinstance(observed, list):
        pairs = dict(enumerate(zip_longest(predicted, observed, fillvalue="none")))
    else:
        differs = predicted != observed
        return f"{predicted!r} in the {place}, observed {observed!r}" if differs else ""
    found = (_state_difference(*pair, f"{place}.{name}") for name, pair in pairs.items())
    return next(filter(None, found), "")


def _row(rates: Rates | None, row: int) -> str:
    if rates is None or row >= len(rates):
        return "none"
    return ", ".join(map(repr, rates[row].tolist()))
