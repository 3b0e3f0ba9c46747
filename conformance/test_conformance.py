"""Each run is as predicted, and every known departure takes part in some run."""

from __future__ import annotations

import pytest

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.dialect.dialect import dialect_of
from lrspec.report.upstream import Report, issue, reports
from lrspec.runtime.run_id import RunId
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations
from lrspec.verdict.results import Finding, Results


def test_the_backend_is_present(backend: str, by_run: dict[RunId, Finding], results: Results):
    if backend not in results.versions:
        pytest.skip(f"no run on {backend} was selected")
    if results.versions[backend] is None:
        reasons = {f.explanation for f in by_run.values() if f.backend == backend}
        pytest.fail(reasons.pop(), pytrace=False)


def test_every_class_that_the_backend_exports_has_a_binding(backend: str, observed: Observations):
    """Fails for a class that is added upstream: bind it, or give the reason why it is no schedule."""
    if backend not in observed.classes:
        pytest.skip(f"{backend} is left out or absent; another test reports an absent backend")
    found = backend_of(backend)
    exported = set(observed.classes[backend])
    every = found.bindings.class_names()
    named = {name for name in every if found.bindings.class_of(name).exported}
    assert exported - named == set(), "exported, and not named in the bindings"
    assert named - exported == set(), "named, and not exported"


def test_a_run_is_as_predicted(run: Run, by_run: dict[RunId, Finding], results: Results):
    finding = by_run[run.id]
    version = results.versions[run.backend.name]
    if version is None:
        pytest.skip(f"{run.backend.name} is absent, which another test reports")
    if finding.verdict == "unpredicted":
        pytest.fail(finding.explanation, pytrace=False)


def test_every_departure_takes_part_in_a_run(
    selected: list[Run],
    by_run: dict[RunId, Finding],
    complete: bool,  # noqa: FBT001 - a fixture
):
    if not complete:
        pytest.skip("only part of the suite was requested")
    departing = [by_run[run.id] for run in selected if by_run[run.id].verdict == "departs"]
    met = {name for finding in departing for name in finding.departures}
    dialects = [dialect_of(backend) for backend in frameworks().values()]
    every = [name for dialect in dialects if dialect for name in dialect.departures]
    unmet = [name for name in every if name not in met]
    assert not unmet, f"no run shows these departures; remove them or end their versions: {unmet}"


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.id)
def test_an_upstream_report_still_has_the_expected_verdict(
    report: Report, results: Results, observed: Observations
):
    found = issue(report, results, observed.by_run)
    if found.as_expected is None:
        pytest.skip(
            f"no run of {report.case} on {report.backend} in {report.scenario} was selected"
        )
    assert not found.mismatches, f"{report.report}\n" + "\n".join(found.mismatches)
