"""Recorded traces of real runs are what the dialects predict, and any change of one is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from packaging.specifiers import SpecifierSet
from recordings import BACKENDS, VERSIONS, observations, runs

from lrspec.bindings.backend import backends
from lrspec.dialect.dialect import departures, dialect_of
from lrspec.runtime.observation import Observation
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run
from lrspec.verdict.results import Finding

each_backend = pytest.mark.parametrize("backend", BACKENDS)


def test_every_backend_is_recorded():
    assert set(BACKENDS) == set(VERSIONS) == set(backends())
    assert sum(len(observations(backend)) for backend in BACKENDS) > 500


@each_backend
def test_the_recorded_version_is_one_that_the_dialect_covers(backend: str):
    dialect = dialect_of(backends()[backend])
    assert dialect.versions.contains(VERSIONS[backend])
    for departure in dialect.departures.values():
        assert SpecifierSet(departure.versions).contains(VERSIONS[backend])


@each_backend
def test_every_recorded_run_is_still_planned(backend: str):
    """An id is permanent: the suite still plans every run that was recorded."""
    planned = {run.id for run in runs(backend)}
    assert planned == set(observations(backend)), "record: nox -s conformance, then nox -s record"


def judged(run: Run, **changed: object) -> Finding:
    """Return the finding of a recorded run, with *changed* parts of what was observed."""
    return finding(run, replace(observations(run.backend.name)[run.id], **changed))


def objection(run: Run, observation: Observation) -> str | None:
    """Return what is unpredicted in *observation*, None if it is as predicted."""
    found = finding(run, observation)
    return found.explanation if found.verdict == "unpredicted" else None


@pytest.mark.every_python
@each_backend
def test_every_recorded_run_is_as_predicted(backend: str):
    findings = [judged(run) for run in runs(backend)]
    assert {f.run: f.explanation for f in findings if f.verdict == "unpredicted"} == {}
    assert [f.run for f in findings if f.verdict == "departs" and not f.departures] == []
    assert {name for f in findings for name in f.departures} <= set(departures())


def traces(backend: str) -> Iterator[tuple[Run, Observation]]:
    for run in runs(backend):
        observation = observations(backend)[run.id]
        if observation.status == "trace" and len(observation.rates):
            yield run, observation


@each_backend
@pytest.mark.parametrize("part", ["reported", "applied", "momentum"])
def test_a_change_in_the_last_place_of_one_number_is_unpredicted(backend: str, part: str):
    for run, observation in traces(backend):
        rates = getattr(observation, part)
        if rates is None or not len(rates) or np.isnan(rates[-1, -1]):
            continue
        changed = rates.copy()
        changed[-1, -1] = np.nextafter(changed[-1, -1], np.inf)
        assert judged(run, **{part: changed}).verdict == "unpredicted", run.id


@each_backend
def test_another_state_is_unpredicted(backend: str):
    states = 0
    for run, observation in traces(backend):
        state = observation.state
        for name in state[0]:
            dropped = [{key: value for key, value in state[0].items() if key != name}, *state[1:]]
            changed = [{**state[0], name: "another"}, *state[1:]]
            assert judged(run, state=dropped).verdict == "unpredicted", (run.id, name)
            assert judged(run, state=changed).verdict == "unpredicted", (run.id, name)
        states += bool(state[0])
        if states > 20:
            break
    assert states > 20


@each_backend
def test_a_trace_that_is_one_step_late_is_unpredicted(backend: str):
    late_ones = 0
    for run, observation in traces(backend):
        rates = observation.rates
        late = np.concatenate([rates[:1], rates[:-1]])
        if np.array_equal(late, rates, equal_nan=True):
            continue  # a constant rate
        names = [n for n in ("reported", "applied") if getattr(observation, n) is not None]
        assert judged(run, **dict.fromkeys(names, late)).verdict == "unpredicted", run.id
        late_ones += 1
    assert late_ones > 50


@each_backend
@pytest.mark.parametrize("error", ["SyntaxError: invalid syntax", "NameError: name 'x'", None])
def test_another_error_is_unpredicted(backend: str, error: str | None):
    errors = 0
    for run in runs(backend):
        observation = observations(backend)[run.id]
        if observation.status == "rejected":
            changed = {"reason": error or ""}
        elif observation.error is not None:
            changed = {"error": error}
        else:
            continue
        assert judged(run, **changed).verdict == "unpredicted", run.id
        errors += 1
    assert errors or backend == "paddle-static"


@each_backend
def test_an_error_after_the_last_row_is_unpredicted(backend: str):
    for run, observation in traces(backend):
        if observation.error is None:
            assert judged(run, error="ValueError: x").verdict == "unpredicted", run.id


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
