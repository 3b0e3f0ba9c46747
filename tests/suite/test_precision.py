"""The page on precision shows what was measured, and the measurements can fail."""

from __future__ import annotations

import accuracy
import numpy as np
import precision
import pytest
from mpmath import mpf

from lrspec import resources
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules


def data() -> dict:
    return resources.read_json(precision.DATA)


def of_recipes() -> dict:
    return resources.read_json(accuracy.DATA)["errors"]


def test_the_page_is_written_from_the_measurements():
    page = precision.page(data(), resources.read_json(accuracy.DATA))
    assert precision.PAGE.read_text(encoding="utf-8") == page


def test_the_measured_random_recipes_of_all_schedules_are_within_their_bounds():
    errors = of_recipes()
    assert sum(entry["recipes"] for entry in errors.values()) >= 10_000
    assert set(errors) == set(schedules())
    assert all(entry["bound"] <= 1 and entry["single"] <= 0.5001 for entry in errors.values())


def test_the_measured_recipes_are_those_of_the_file():
    recipes = [from_dict(entry).kind for entry in data()["recipes"]]
    assert list(data()["errors"]) == recipes
    for errors in data()["errors"].values():
        assert set(errors) == {precision.ENGINE, *data()["versions"]}


def test_an_error_is_measured_in_ulp_of_large_rates_and_as_a_fraction_of_the_peak(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(precision, "DENSE", 2)
    exact = [mpf(1), mpf(1) / 2**20, mpf(1) / 2]
    rates = np.array([1.0, 2.0**-20 + 2.0**-52, 0.5 - 2.0**-50])
    assert precision.measured(rates, exact) == {"ulp": 0.0, "drift": 2.0**-50}
    rates[0] += 2.0**-51
    assert precision.measured(rates, exact)["ulp"] == 2.0
    rates[1] = 0.25
    assert precision.measured(rates, exact) == {"ulp": None, "drift": None}
