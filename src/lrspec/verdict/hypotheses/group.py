"""A parameter group that is left to itself, be it that it came late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lrspec.scenario.simulation import forms
from lrspec.verdict.evidence import Evidence, Prediction, number
from lrspec.verdict.hypotheses import landmark, tail


def not_scheduled(evidence: Evidence) -> Iterator[Prediction]:
    """The old groups follow one of the forms; the new one keeps the rate that it came with."""
    yield from _left_alone(evidence)


def not_scheduled_beside_another(evidence: Evidence) -> Iterator[Prediction]:
    """The same, and the old groups are off at landmarks, or have another tail, besides."""
    for alone in _left_alone(evidence):
        nearer = replace(evidence, expected=alone.rates[: len(evidence.observed)])
        if nearer.difference.first is None:
            continue
        for hypothesis in (landmark.only_there, tail.other_tail):
            for found in hypothesis(nearer):
                rates = found.rates.copy()
                rates[:, -1] = nearer.expected[:, -1]
                sentence = f"{alone.sentence} {found.sentence}"
                yield Prediction(f"{alone.kind}, {found.kind}", sentence, rates)


def _left_alone(evidence: Evidence) -> Iterator[Prediction]:
    """Return each form's trace of the old groups beside a new one that keeps its rate."""
    if evidence.scenario.id.name != "late_group":
        return
    added = next(argument for verb, argument in evidence.scenario.actions if verb == "add_group")
    for prediction in forms(evidence.scenario).values():
        new = prediction[:, -1]
        new[~np.isnan(new)] = added
        sentence = f"The group that was added keeps its rate of {number(added)} for ever."
        yield Prediction("group not scheduled", sentence, prediction)


def other_than_the_first(evidence: Evidence) -> Iterator[Prediction]:
    """The first group follows the curve; every other one keeps its first rate."""
    bases = evidence.scenario.recipe.bases
    if len(bases) > 1:
        prediction = evidence.expected.copy()
        prediction[:, 1:] = bases[1:]
        sentence = f"Every group but the first keeps its rate for ever. {evidence.seen}"
        yield Prediction("group not scheduled", sentence, prediction)


def by_the_factors_of_another(evidence: Evidence) -> Iterator[Prediction]:
    """The new group's rate is multiplied by what the first group's rate is multiplied by."""
    if evidence.scenario.id.name != "late_group":
        return
    prediction = evidence.observed.copy()
    first, new = prediction[:, 0], prediction[:, -1]
    rows = np.flatnonzero(~np.isnan(new))[1:]
    for row in rows:
        new[row] = new[row - 1] * first[row] / first[row - 1] if first[row - 1] else np.nan
    old = evidence.expected.copy()
    old[:, -1] = prediction[:, -1]
    if rows.size:
        sentence = "The group that was added is multiplied by the factors of the first group."
        yield Prediction("another group's factors", f"{sentence} {evidence.seen}", old)
