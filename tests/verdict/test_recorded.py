"""Recorded traces of real runs: judged without a framework, they are what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from lrspec.verdict.known import asked
from recordings import BACKENDS, VERSIONS, observations, runs

from lrspec.bindings.backend import backends
from lrspec.runtime.observation import Observation
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run
from lrspec.verdict import explain, ledger

each_backend = pytest.mark.parametrize("backend", BACKENDS)


def objection(run: Run, observation: Observation) -> str | None:
    """Return what is wrong with the verdict on a recorded run, None if it is what is known."""
    judged = finding(run, observation)
    if judged.kind == "unexplained":
        return f"unexplained: {judged.explanation}"
    return ledger.objection(asked(judged, VERSIONS[run.backend.name]), ledger.entries())


def test_every_backend_is_recorded():
    assert set(BACKENDS) == set(VERSIONS) == set(backends())
    assert sum(len(observations(backend)) for backend in BACKENDS) > 500


@each_backend
def test_every_recorded_run_is_still_planned(backend: str):
    """An id is for ever: a run that was recorded is one that the suite still asks for."""
    planned = {run.id for run in runs(backend)}
    assert planned == set(observations(backend)), "record: nox -s conformance, then nox -s record"


@pytest.mark.every_python
@each_backend
def test_every_recorded_run_is_as_the_ledger_says(backend: str):
    observed = observations(backend)
    objections = {run.id: objection(run, observed[run.id]) for run in runs(backend)}
    assert {run: text for run, text in objections.items() if text is not None} == {}


@pytest.fixture
def conforming(backend: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return the runs that conform. The verdict alone is asked for: no divergence is explained."""
    monkeypatch.setattr(explain, "HYPOTHESES", ())
    monkeypatch.setattr(explain, "AFTER_A_CHANGE", ())
    traces = (run for run in runs(backend) if observations(backend)[run.id].status == "trace")
    return (run for run in traces if verdict(run) == "conforms")


def verdict(run: Run, **changed: np.ndarray) -> str:
    """Return the verdict on a recorded run, with *changed* in the place of its rates."""
    observation = observations(run.backend.name)[run.id]
    return finding(run, replace(observation, **changed)).verdict


@each_backend
def test_a_change_of_one_rate_by_a_millionth_of_the_peak_diverges(
    backend: str, conforming: Iterator[Run]
):
    """The smallest real difference seen is 1.5e-6 of the peak: none of that size may pass."""
    changed = 0
    for run in conforming:
        observation = observations(backend)[run.id]
        rates = observation.rates.copy()
        rates[len(rates) // 2, -1] += 1.5e-6 * np.abs(rates).max()
        name = "reported" if observation.reported is not None else "applied"
        assert verdict(run, **{name: rates}) == "diverges", run.id
        changed += 1
    assert changed > 50


@each_backend
def test_a_trace_that_is_one_step_late_diverges(backend: str, conforming: Iterator[Run]):
    late_ones = 0
    for run in conforming:
        observation = observations(backend)[run.id]
        rates = observation.rates
        if np.ptp(rates, axis=0).max() == 0:
            assert len({*rates.ravel()}) <= len(run.scenario.recipe.bases), run.id
            continue  # a constant rate has no steps
        late = np.concatenate([rates[:1], rates[:-1]])
        names = [n for n in ("reported", "applied") if getattr(observation, n) is not None]
        assert verdict(run, **dict.fromkeys(names, late)) == "diverges", run.id
        late_ones += 1
    assert late_ones > 50


def test_two_implementations_of_one_framework_agree():
    """The graph's rates are the float32 roundings of the eager ones, wherever both were recorded."""
    compiled = observations("oneflow-graph")
    compared = 0
    for run, eager in observations("oneflow").items():
        graph = compiled.get(replace(run, backend="oneflow-graph"))
        if eager.status != "trace" or graph is None or graph.status != "trace":
            continue
        rows = min(len(eager.rates), len(graph.rates))  # the eager one may raise
        peak = np.abs(eager.rates[:rows]).max()
        np.testing.assert_allclose(
            graph.rates[:rows], eager.rates[:rows], rtol=0, atol=1.2e-7 * peak, err_msg=str(run)
        )
        compared += 1
    assert compared > 100
