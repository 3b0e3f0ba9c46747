"""The benchmark against PaConvert: what counts as right, and its stored results."""

from __future__ import annotations

import runpy
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from lrspec import resources
from lrspec.runtime.observation import Observation

FOLDER = resources.root() / "benchmarks"
BENCHMARK = runpy.run_path(str(FOLDER / "paconvert.py"))
RATES = np.array([[0.5], [1.0], [0.25]])
ORIGINAL = Observation("trace", reported=RATES, error="ValueError: the end", momentum=RATES)


def outcome(**changed: object) -> tuple[str, str]:
    """Return the outcome of a port whose run is the original's, but for *changed*."""
    port = replace(ORIGINAL, **changed)  # type: ignore[arg-type]
    found: tuple[str, str] = BENCHMARK["verdict"](ORIGINAL, port)
    return found


def test_the_run_of_the_original_is_right():
    assert outcome() == ("right", "")
    assert outcome(reported=RATES + 1e-13) == ("right", "")


@pytest.mark.parametrize(
    ("changed", "details"),
    [
        ({"reported": RATES + np.array([[0], [0], [2e-12]])}, "1 of 3 updates, from update 2 on"),
        ({"reported": RATES * np.array([[1], [1], [np.nan]])}, "1 of 3 updates, from update 2 on"),
        ({"error": None}, "raises no error, the original raises an error at update 3"),
        ({"reported": RATES[:2]}, "raises an error at update 2, the original raises"),
        ({"status": "rejected", "reason": "no such class", "reported": None}, "no such class"),
    ],
)
def test_another_rate_or_another_end_is_wrong(changed: dict[str, object], details: str):
    category, why = outcome(**changed)
    assert category == "wrong"
    assert details in why


@pytest.mark.parametrize("momentum", [None, RATES * 0.9])
def test_another_momentum_is_an_outcome_of_its_own(momentum: object):
    assert outcome(momentum=momentum)[0] == "right except for the momentum"


def test_the_stored_results_are_those_of_every_case():
    cases = resources.read_json(FOLDER / "paconvert.json")["cases"]
    stored = resources.read_json(FOLDER / "paconvert_results.json")
    results = stored["results"]
    assert [found["scheduler"] for found in results] == [case["scheduler"] for case in cases]
    for tool, counts in stored["counts"].items():
        assert Counter(found[tool][0] for found in results) == counts
