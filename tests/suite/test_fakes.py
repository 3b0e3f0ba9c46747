"""Backends with one flaw each: the suite finds every one, and names it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from fake_backends import fake as create

from lrspec.bindings.backend import Backend
from lrspec.runtime import process
from lrspec.scenario.builders import SCENARIOS
from lrspec.scenario.declaration import declared
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import results_of
from lrspec.suite.plan import plan
from lrspec.suite.run import observe
from lrspec.verdict.results import Finding, Results

pytestmark = pytest.mark.every_python

COSINE = Case("cosine", "", from_dict({"schedule": "cosine_annealing", "base_lr": 1, "T_max": 10}))
STEP = Case("step", "", from_dict({"schedule": "step", "base_lr": 1, "step_size": 6, "gamma": 0.5}))


@pytest.fixture
def fake(tmp_path: Path):
    return partial(create, folder=tmp_path)


def results(backend: Backend, *cases: Case, deadline: float = 30) -> Results:
    runs = plan(cases, [backend], ["stepwise"], 20)
    return results_of(runs, observe(runs, {"toy": sys.executable}, deadline=deadline))


def finding(backend: Backend, case: Case = COSINE) -> Finding:
    return results(backend, case).findings[0]


@pytest.mark.parametrize("name", ["honest", "talks_on_stdout"])
def test_without_a_flaw_that_counts_everything_conforms(fake, name: str):
    backend = fake(name)
    runs = plan([COSINE, STEP], [backend])
    found = results_of(runs, observe(runs, {"toy": sys.executable}))
    assert len(found.findings) == 9
    assert {f.verdict for f in found.findings} == {"conforms"}
    assert all(f.updates for f in found.findings)


def test_without_a_flaw_it_conforms_in_every_scenario(fake):
    without = {name: entry for name, entry in declared().items() if name != "metrics"}
    by_name = [f"{name}:{variant}" for name, entry in without.items() for variant in entry.asked]
    epochs = {"updates_per_epoch": 4, "in_epochs": {"schedule": "exponential", "gamma": 0.5}}
    epochwise = Case("epochs", "", from_dict({"schedule": "epochwise", "base_lr": 1, **epochs}))
    runs = plan([COSINE, STEP, epochwise], [fake("honest")], [*SCENARIOS, *by_name], misuse=False)
    found = results_of(runs, observe(runs, {"toy": sys.executable}))
    assert {run.scenario.id.name for run in runs} == without.keys()
    assert {str(run.scenario.id.selector) for run in runs} >= {*by_name}
    assert [f.run for f in found.findings if f.verdict != "conforms"] == []


@pytest.mark.parametrize(
    ("name", "of", "first", "extent"),
    [
        ("late_by_one", "rate", 1, 19),
        ("early_by_one", "rate", 0, 20),
        ("skips_the_first_value", "rate", 0, 1),
        ("misreports", "reported rate", 0, 19),
        ("raises", "rate", 6, 0),
        ("float32", "rate", 1, 16),
    ],
)
def test_a_flaw_is_found(fake, name: str, of: str, first: int, extent: int):
    """Without a dialect a framework has to follow the specification."""
    found = finding(fake(name))
    assert (found.verdict, found.of) == ("unpredicted", of)
    assert (found.first_step, found.extent) == (first, extent)
    assert found.steps
    assert found.reproducer


@pytest.mark.parametrize(("name", "difference"), [("rounds", "rounding"), ("drifts", "drift")])
def test_a_difference_below_a_divergence_conforms_and_is_named(fake, name: str, difference: str):
    found = finding(fake(name))
    assert (found.verdict, found.difference) == ("conforms", difference)


def test_the_flaws_are_found_on_a_staircase_too(fake):
    found = finding(fake("late_by_one"), STEP)
    assert (found.verdict, found.first_step, found.extent) == ("unpredicted", 6, 3)


def test_only_the_first_line_of_an_error_is_kept(fake):
    assert finding(fake("raises")).explanation.endswith("RuntimeError: enough.")


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("silent", "timeout", "no answer within 1.04 s"),
        ("dies_half_way", "crashed", "the worker died (exit code 7)"),
        ("refuses", "rejected", "ValueError: no cosine here"),
    ],
)
def test_a_lost_run_costs_its_one_case(fake, name: str, status: str, reason: str):
    deadline = 1 if name == "silent" else 30
    found = results(fake(name), STEP, COSINE, STEP_AGAIN, deadline=deadline).findings
    assert [f.verdict for f in found] == ["conforms", "unpredicted", "conforms"]
    assert found[1].status == status
    assert found[1].explanation == reason


STEP_AGAIN = Case("step-again", "", STEP.recipe)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("lies_about_its_version", "Toy reports version 9.9.9, but numpy"),
        ("does_not_import", "Toy cannot be imported: ModuleNotFoundError: No module named"),
    ],
)
def test_a_backend_that_cannot_be_trusted_is_absent(fake, name: str, reason: str):
    found = results(fake(name), STEP, COSINE)
    assert found.versions == {"toy": None}
    assert {(f.status, f.verdict) for f in found.findings} == {("absent", None)}
    assert found.findings[0].explanation.startswith(reason)


def test_an_interpreter_that_is_not_there_is_absent(fake):
    runs = plan([STEP], [fake("honest")], ["stepwise"], 5)
    found = results_of(runs, observe(runs, {"toy": "/no/such/python"}))
    assert found.findings[0].explanation == "no interpreter at /no/such/python (from --python toy)"


def test_an_interpreter_that_is_no_interpreter_is_absent(fake, tmp_path: Path):
    text = tmp_path / "python"
    text.write_text("no program")
    runs = plan([STEP], [fake("honest")], ["stepwise"], 5)
    found = results_of(runs, observe(runs, {"toy": str(text)}))
    assert found.findings[0].status == "absent"
    assert "does not run" in found.findings[0].explanation


def test_updates_that_are_lost_are_no_trace(fake):
    found = finding(fake("loses_updates"))
    assert found.verdict == "unpredicted"
    assert "updates were recorded of 20" in found.explanation


def test_expected_values_are_never_sent(fake, monkeypatch: pytest.MonkeyPatch):
    """A worker gets an id, the source, the base rates and the actions, and nothing else."""
    sent = []
    real = process.json.dumps
    monkeypatch.setattr(
        process.json, "dumps", lambda message: sent.append(message) or real(message)
    )
    finding(fake("honest"))
    assert [set(message) for message in sent] == [{"id", "source", "others", "base_lr", "actions"}]
