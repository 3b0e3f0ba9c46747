"""Upstream issues, and whether they still reproduce in the results of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from lrspec import resources
from lrspec.bindings.document import EXPLICIT
from lrspec.json_input import read_document
from lrspec.runtime import records
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import Selector
from lrspec.verdict.results import Finding, Results

Traces = Mapping[RunId, Observation]
_NO_TRACES: Traces = {}
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_ListedRate = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?(e-[0-9]+)?$")]


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The expected verdict on a run; what is left out may be any.

    `departure` is the id of the one that explains the run, `form` the form that it follows.
    """

    verdict: Literal["conforms", "departs"]
    departure: _Text | None = None
    form: _Text | None = None
    first_step: int | float | None = None


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One upstream report, and the expected verdict on the runs that it covers."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    links: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^https://")], ...],
        msgspec.Meta(description="issues, pull requests, pages; none if it was not reported"),
    ]
    title: Annotated[_Text, msgspec.Meta(description="the shortest configuration that shows it")]
    case: Annotated[
        str,
        msgspec.Meta(pattern="^[a-z_]+/[a-z0-9-]+$", description="the case that shows it"),
    ]
    backend: _Text
    argument_form: _Text = EXPLICIT
    scenario: Annotated[
        str, msgspec.Meta(description="`jump`, `jump:twice` or `jump@5:twice`: all runs it covers")
    ]
    report: Annotated[str, msgspec.Meta(pattern=r"\.$", description="what is reported")]
    status: Literal["still", "fixed", "refuted", "by design", "right", "text wrong"]
    verdict: Expected
    rates: Annotated[
        tuple[_ListedRate | None, ...],
        msgspec.Meta(
            description="the rate of update 0, 1, 2, …, each to half a unit of its last digit; "
            "null where none is listed"
        ),
    ] = ()

    def __post_init__(self) -> None:
        _ = self.selector

    @property
    def selector(self) -> Selector:
        """What `scenario` selects."""
        return Selector.parse(self.scenario, "$.scenario")

    def covers(self, run: RunId) -> bool:
        """Return whether *run* is one that the report is about."""
        own = (self.case, self.backend, self.argument_form)
        same = (run.case, run.backend, run.argument_form) == own
        return same and self.selector.covers(run.scenario)


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The upstream reports on one framework's schedules."""

    schema: str = msgspec.field(default="", name="$schema")
    reports: Annotated[tuple[Report, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class Issue:
    """A report and its runs in some results.

    `version` is that of its backend, None if that was absent or not run. `mismatches` are the
    differences of the runs from what is expected of them.
    """

    report: Report
    version: str | None
    findings: Sequence[Finding]
    mismatches: Sequence[str]

    @property
    def as_expected(self) -> bool | None:
        """Whether every run is as expected; None if the results have no such run."""
        return not self.mismatches if self.findings else None

    @property
    def now(self) -> str:
        """The verdicts on the runs, as text."""
        if not self.findings:
            return "not in these results"
        return "; ".join(dict.fromkeys(map(_verdict, self.findings)))


@cache
def reports() -> tuple[Report, ...]:
    """Return every report, in the order of the files."""
    folder = resources.root() / "conformance" / "upstream"
    return tuple(report for path in sorted(folder.glob("*.json")) for report in read(path))


def read(path: Path) -> tuple[Report, ...]:
    """Return the reports in the file at *path*; raises `BadInput` for invalid ones."""
    return read_document(path, Document, "the reports of one framework").reports


def issues(results: Results, traces: Traces = _NO_TRACES) -> list[Issue]:
    """Return every report with its runs in *results*.

    The listed rates are compared with those of a run in *traces*; of other runs only the verdict
    is compared.
    """
    return [issue(report, results, traces) for report in reports()]


def issue(report: Report, results: Results, traces: Traces = _NO_TRACES) -> Issue:
    """Return *report* with its runs in *results*; an absent backend has none."""
    version = results.versions.get(report.backend)
    ran = [f for f in results.findings if version is not None and f.backend == report.backend]
    findings = [f for f in ran if report.covers(f.run)]
    mismatches = [m for f in findings for m in _mismatches(report, f, traces.get(f.run))]
    return Issue(report, version, findings, mismatches)


def _mismatches(report: Report, finding: Finding, trace: Observation | None) -> list[str]:
    """Return the differences of one run from what *report* expects of it."""
    expected = report.verdict
    wrong = [
        f"{finding.scenario}: {name} is {observed}, not {value}"
        for name, value, observed in (
            ("verdict", expected.verdict, finding.verdict),
            ("departure", expected.departure, _departure(finding)),
            ("form", expected.form, finding.form),
            ("first step", expected.first_step, finding.first_step),
        )
        if value not in (None, observed)
    ]
    return wrong + ([] if trace is None else _rates(report, finding.scenario, trace))


def _rates(report: Report, scenario: str, trace: Observation) -> list[str]:
    """Return a line for the first listed rate that differs from the trace's."""
    rates = trace.rates[:, 0].tolist()
    for update, listed in enumerate(report.rates):
        if listed is None:
            continue
        if update >= len(rates):
            return [f"{scenario}: no update {update}, where {listed} is listed"]
        if not rounds_to(rates[update], listed):
            return [f"{scenario}: update {update} uses {rates[update]:.9g}, not {listed}"]
    return []


def rounds_to(rate: float, listed: str) -> bool:
    """Return whether *rate* is *listed* to half a unit of its last digit."""
    rounded, exact = Decimal(listed), Decimal(rate)
    unit = Decimal((0, (1,), int(rounded.as_tuple().exponent)))
    return exact.is_finite() and abs(exact - rounded) <= unit / 2


def _departure(finding: Finding) -> str:
    """Return the departure that explains *finding*, "" if it has none."""
    return finding.departures[0] if finding.departures else ""


def _verdict(finding: Finding) -> str:
    if finding.verdict != "departs":
        return f"{finding.verdict} ({finding.form})" if finding.form else str(finding.verdict)
    if finding.status != "trace":
        return f"{finding.status}: {_departure(finding)}"
    return f"departs: {_departure(finding)}, from step {finding.first_step}"


def read_traces(folder: Path, results: Results) -> dict[RunId, Observation]:
    """Return the recorded traces of the backends whose runs have listed rates."""
    backends = {i.report.backend for i in issues(results) if i.report.rates and i.findings}
    paths = [folder / "traces" / f"{name}.jsonl" for name in sorted(backends)]
    recorded = (records.read(path) for path in paths if path.exists())
    return {run: trace for traces in recorded for run, trace in traces.items()}
