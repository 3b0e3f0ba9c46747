"""Recorded traces of real runs: judged without a framework, they are what the ledger says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings import RUNS, SEEN, VERSIONS

from lrspec.bindings.backend import backends
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run
from lrspec.verdict import explain, ledger
from lrspec.verdict.known import asked
from lrspec.verdict.results import Finding


def objection(run: Run, found: Finding) -> str | None:
    return ledger.objection(asked(found, VERSIONS[run.backend.name]), ledger.entries())


def test_every_recorded_run_is_still_planned():
    """An id is for ever: a run that was recorded is one that the suite still asks for."""
    assert {run.id for run in RUNS} == set(SEEN), "record again: nox -s conformance, nox -s record"
    assert len(RUNS) > 500
    assert {run.backend.name for run in RUNS} == set(backends())


@pytest.mark.parametrize("run", RUNS, ids=lambda run: str(run.id))
def test_a_recorded_run_is_as_the_ledger_says(run: Run):
    found = finding(run, SEEN[run.id])
    assert objection(run, found) is None, found.explanation
    assert found.kind != "unexplained"


CONFORMING = [
    run
    for run in RUNS
    if SEEN[run.id].status == "trace" and finding(run, SEEN[run.id]).verdict == "conforms"
]


@pytest.mark.parametrize("run", CONFORMING, ids=lambda run: str(run.id))
def test_a_change_of_one_rate_by_a_millionth_of_the_peak_is_found(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    """The smallest real difference seen is 1.5e-6 of the peak: none of that size may pass.

    No hypothesis is asked what it would be called, which takes long where none fits.
    """
    monkeypatch.setattr(explain, "HYPOTHESES", ())
    monkeypatch.setattr(explain, "AFTER_A_CHANGE", ())
    seen = SEEN[run.id]
    rates = seen.rates.copy()
    rates[len(rates) // 2, -1] += 1.5e-6 * np.abs(rates).max()
    other = {"reported": rates} if seen.reported is not None else {"applied": rates}
    assert finding(run, replace(seen, **other)).verdict == "diverges"


@pytest.mark.parametrize("run", CONFORMING, ids=lambda run: str(run.id))
def test_a_trace_of_another_step_is_found(run: Run):
    seen = SEEN[run.id]
    if np.ptp(seen.rates, axis=0).max() == 0:
        assert len({*seen.rates.ravel()}) <= len(
            run.scenario.recipe.bases
        )  # a constant has no steps
        return
    late = np.concatenate([seen.rates[:1], seen.rates[:-1]])
    other = {name: late for name in ("reported", "applied") if getattr(seen, name) is not None}
    found = finding(run, replace(seen, **other))
    assert found.verdict == "diverges"


def test_two_implementations_of_one_framework_agree():
    """The graph's rates are the float32 roundings of the eager ones, wherever both were recorded."""
    compared = 0
    for run in RUNS:
        if run.backend.name != "oneflow" or SEEN[run.id].status != "trace":
            continue
        graph = SEEN.get(replace(run.id, backend="oneflow-graph"))
        if graph is None or graph.status != "trace":
            continue
        rows = min(len(SEEN[run.id].rates), len(graph.rates))  # the eager one may raise
        eager, compiled = SEEN[run.id].rates[:rows], graph.rates[:rows]
        np.testing.assert_allclose(compiled, eager, rtol=0, atol=1.2e-7 * np.abs(eager).max())
        compared += 1
    assert compared > 100
