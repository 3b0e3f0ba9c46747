"""One sentence in several codings: the curves that differ, and only measured ones."""

from __future__ import annotations

import pytest

from lrspec.report.comparison import comparison
from lrspec.report.one_sentence import STEPS, curves, picture
from lrspec.report.sides import compared, subjects
from lrspec.suite.cases import cases
from lrspec.suite.findings import predicted_finding
from lrspec.suite.plan import plan
from lrspec.verdict.results import Results


@pytest.fixture(scope="module")
def codings():
    return [comparison(s) for s in subjects() if s.id.startswith("one-sentence")]


def test_without_runs_there_is_no_curve(codings):
    assert curves(codings, Results({"torch": None}, [])) == []
    assert picture([]) == ""


def test_the_codings_that_were_run_have_different_curves(codings):
    sentence = [case for case in cases() if case.id.startswith("recipes/one-sentence")]
    made = [run for run in plan(sentence, compared(), ["stepwise"], 121) if run.emitted]
    found = curves(codings, Results({}, [predicted_finding(run) for run in made]))
    at_50 = {curve.shown[STEPS.index(50)] for curve in found}
    # docs/divergences.md: measured by examples/one_sentence.py
    assert at_50 == {"0.586824", "0.654508", "0.5", "0.413176", "0.569587"}
    assert len(found) == len(at_50)
    assert picture(found).count("<polyline") == len(found)
