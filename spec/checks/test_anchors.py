"""The engine and fifty-digit arithmetic both give every value worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from fifty_digits import curve, exact, forms, momentum
from mpmath import mpf

from lrspec.engine import closed_form
from lrspec.engine.recursive_form import scalar_forms
from lrspec.spec import recipe
from lrspec.spec.schedule import schedules

pytestmark = pytest.mark.every_python

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
    in_fifty_digits, in_double_precision = _computed(loaded, anchor)
    assert abs(in_fifty_digits - value) < mpf(10) ** -40 * peak or _of_doubles(anchor)
    assert abs(in_fifty_digits - value) < mpf(10) ** -15 * peak
    assert abs(in_double_precision - float(value)) <= 4 * math.ulp(peak)


def _computed(loaded: recipe.Recipe, anchor: dict) -> tuple[Any, Any]:
    """Return the value at the anchor's step, with fifty digits and by the engine."""
    t, base = anchor["t"], loaded.bases[0]
    if "prev" in anchor:
        prev = anchor["prev"]
        (_, precise), (_, double) = forms(loaded), scalar_forms(loaded)
        return precise(mpf(prev), mpf(t), mpf(base)), double(float(prev), t, base)
    if anchor.get("of") == "momentum":
        return momentum(loaded)(t), closed_form.momentum(loaded, t)[0]
    return curve(loaded)(mpf(t), mpf(base)), closed_form.at(loaded, t)[0]


def _of_doubles(anchor: dict) -> bool:
    """Return whether a decimal of the recipe is no exact double, so that most digits are lost."""
    numbers = [n for n in anchor["recipe"].values() if isinstance(n, float)]
    return any(mpf(repr(number)) != mpf(number) for number in numbers)


def test_fractions_and_roots_are_exact():
    assert exact("1/3") * 3 == 1
    assert abs(exact("sqrt(2)") ** 2 - 2) < mpf(10) ** -48
