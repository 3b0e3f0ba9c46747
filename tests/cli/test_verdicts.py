"""The verdicts on own recipes: one per framework, grouped reasons, and absent ones on one line."""

from __future__ import annotations

import pytest

from lrspec.cli.verdicts import line_of, own_verdicts
from lrspec.verdict.results import Finding, Results

PLAIN = {
    "case": "mine.json",
    "description": "",
    "recipe": {},
    "schedule": "step",
    "argument_form": "explicit",
    "status": "trace",
    "verdict": "conforms",
    "difference": "exact",
    "first_step": None,
    "extent": 0,
    "updates": 9,
    "max_abs_error": 0.0,
    "max_rel_error": 0.0,
    "max_ulp_error": 0.0,
    "explanation": "",
    "source": "",
    "reproducer": "",
    "steps": [],
}


def finding(backend: str, scenario: str = "stepwise@9", **changed) -> Finding:
    return Finding(**{**PLAIN, "backend": backend, "scenario": scenario, **changed})


def screen(*found: Finding, **versions: str | None) -> list[str]:
    return list(own_verdicts(Results(versions, found), 100))


@pytest.fixture(autouse=True)
def plain_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("click.style", lambda text, **_: text)


def test_a_framework_has_one_verdict():
    found = [finding("torch"), finding("torch", "get_lr@9:returned"), finding("torch-tensor")]
    assert screen(*found, torch="2.13.0") == [
        "mine.json",
        "✓ PyTorch 2.13.0 conforms: exact, in 2 runs, the longest of 9 updates.",
    ]


def test_departures_are_grouped():
    bad = {"verdict": "departs", "departures": ["x"], "explanation": "It is late."}
    found = [
        finding("torch"),
        *(finding("torch", f"resume_state@{k}:right", **bad) for k in range(5)),
    ]
    assert screen(*found, torch="2.13.0") == [
        "mine.json",
        "✗ PyTorch 2.13.0 does not use the specified rates in 5 of 6 runs, the longest of 9 updates.",
        "    resume_state@0:right, resume_state@1:right, resume_state@2:right, 2 more: It is late.",
    ]


def test_another_mode_departs_beside_the_verdict():
    bad = finding("torch-float32", verdict="departs", departures=["x"], explanation="It is late.")
    assert screen(finding("torch"), bad, torch="2.13.0")[1:] == [
        "✓ PyTorch 2.13.0 conforms: exact, in 1 run, the longest of 9 updates.",
        "! PyTorch (float32 parameters), stepwise@9: It is late.",
    ]


def test_absent_frameworks_are_one_line():
    absent = {"status": "absent", "verdict": None, "difference": None}
    found = [finding(b, **absent, explanation=f"no {b}") for b in ("paddle", "oneflow")]
    assert screen(*found, paddle=None, oneflow=None) == [
        "mine.json",
        "- Not run: PaddlePaddle, OneFlow: `lrspec doctor` says why.",
    ]


def test_a_framework_without_a_class_is_one_line():
    without = finding("torch", status="unsupported", verdict=None, explanation="no class has it")
    assert screen(without, torch="2.13.0")[1:] == [
        "- PyTorch 2.13.0 cannot run this: no class has it."
    ]


def test_each_run_is_one_line():
    assert (
        line_of(finding("torch")) == "mine.json  torch  stepwise@9  conforms: exact over 9 updates"
    )
    bad = finding("torch", verdict="departs", departures=["x"], explanation="It is late.")
    assert line_of(bad) == "mine.json  torch  stepwise@9  departs (x): It is late."
