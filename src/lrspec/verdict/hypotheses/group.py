"""A parameter group that is left to itself, be it that it came late."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.truth.simulate import forms
from lrspec.verdict.evidence import Evidence, Prediction, number


def not_scheduled(evidence: Evidence) -> Iterator[Prediction]:
    """The old groups follow one of the forms; the new one keeps the rate that it came with."""
    if evidence.drive.kind != "late_group":
        return
    added = next(argument for verb, argument in evidence.drive.actions if verb == "add_group")
    for prediction in forms(evidence.drive).values():
        new = prediction[:, -1]
        new[~np.isnan(new)] = added
        sentence = f"The group that was added keeps its rate of {number(added)} for ever."
        yield Prediction("group not scheduled", sentence, prediction)


def other_than_the_first(evidence: Evidence) -> Iterator[Prediction]:
    """The first group follows the curve; every other one keeps its first rate."""
    bases = evidence.drive.recipe.bases
    if len(bases) > 1:
        prediction = evidence.expected.copy()
        prediction[:, 1:] = bases[1:]
        sentence = f"Every group but the first keeps its rate for ever. {evidence.seen}"
        yield Prediction("group not scheduled", sentence, prediction)


def by_the_factors_of_another(evidence: Evidence) -> Iterator[Prediction]:
    """The new group's rate is multiplied by what the first group's rate is multiplied by."""
    if evidence.drive.kind != "late_group":
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
