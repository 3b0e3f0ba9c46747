"""The engine and fifty-digit arithmetic both meet every value that was worked out by hand."""

from __future__ import annotations

import math

import pytest
from fifty_digits import curve, exact
from mpmath import mpf

from lrspec.truth import recipe
from lrspec.truth.reference import at
from lrspec.truth.schedule import schedules

ANCHORS = [
    pytest.param(kind, anchor, id=f"{kind}:{anchor['id']}")
    for kind, schedule in schedules().items()
    for anchor in schedule.document["anchors"]
]


@pytest.mark.parametrize(("kind", "anchor"), ANCHORS)
def test_an_anchor_holds(kind: str, anchor: dict):
    loaded = recipe.from_dict({"schedule": kind, **anchor["recipe"]})
    value = exact(anchor["value"])
    peak = max(loaded.bases[0], float(value))
    in_fifty_digits = curve(loaded)(mpf(anchor["t"]), mpf(loaded.bases[0]))
    assert abs(in_fifty_digits - value) < mpf(10) ** -30 * peak or _of_doubles(anchor)
    assert abs(in_fifty_digits - value) < mpf(10) ** -15 * peak
    assert abs(at(loaded, anchor["t"])[0] - float(value)) <= 4 * math.ulp(peak)


def _of_doubles(anchor: dict) -> bool:
    """Tell whether a decimal of the recipe is no exact double, so that thirty digits are lost."""
    numbers = [n for n in anchor["recipe"].values() if isinstance(n, float)]
    return any(mpf(repr(number)) != mpf(number) for number in numbers)


def test_exact_reads_fractions_and_roots():
    assert exact("1/3") * 3 == 1
    assert abs(exact("sqrt(2)") ** 2 - 2) < mpf(10) ** -48
