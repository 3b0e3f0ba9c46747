"""Upstream issues, and whether they still reproduce in the results of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.errors import BadInput
from lrspec.runtime.observation import Observation, from_answer
from lrspec.verdict.results import Finding, Results

_NO_TRACES: Mapping[str, Observation] = {}


@dataclass(frozen=True)
class Report:
    """An upstream issue, the run that reproduces it, and the verdict expected of that run.

    A `kind` or `first_step` that is not in `verdict` may have any value. `rates` are the rates of
    update 0, 1, 2, … as listed in the issue, None where one is not; each is right to half a unit of
    its last digit.
    """

    id: str
    links: tuple[str, ...]
    title: str
    case: str
    backend: str
    scenario: str
    report: str
    status: str
    verdict: Mapping[str, Any]
    argument_form: str = "explicit"
    rates: tuple[str | None, ...] = ()

    def speaks_of(self, finding: Finding) -> bool:
        """Return whether *finding* is of a run that reproduces this issue."""
        here = (finding.case, finding.backend, finding.argument_form)
        return here == (self.case, self.backend, self.argument_form) and self._scenarios(
            finding.scenario
        )

    def _scenarios(self, name: str) -> bool:
        kind, _, rest = name.partition("@")
        step, colon, variant = rest.partition(":")
        return self.scenario in (name, kind, f"{kind}@{step}", f"{kind}{colon}{variant}")


@dataclass(frozen=True)
class Seen:
    """An upstream issue and its runs in the results.

    `version` is that of its backend, None if that was absent or not run. `objections` are the
    differences of the runs from what is expected of them.
    """

    report: Report
    version: str | None
    findings: Sequence[Finding]
    objections: Sequence[str]

    @property
    def as_it_says(self) -> bool | None:
        """Whether every run is as expected; None if the results have no such run."""
        return not self.objections if self.findings else None

    @property
    def now(self) -> str:
        """The verdicts on the runs, as text."""
        if not self.findings:
            return "not in these results"
        return "; ".join(dict.fromkeys(map(_words, self.findings)))


@cache
def reports() -> tuple[Report, ...]:
    """Return every issue, in the order of the files."""
    folder = resources.root() / "conformance" / "upstream"
    paths = sorted(folder.glob("*.json"))
    return tuple(_report(entry) for path in paths for entry in resources.read_json(path)["reports"])


def _report(entry: Mapping[str, Any]) -> Report:
    lists = {name: tuple(entry[name]) for name in ("links", "rates") if name in entry}
    return Report(**{**entry, **lists})


def look(results: Results, traces: Mapping[str, Observation] = _NO_TRACES) -> list[Seen]:
    """Return every issue with its runs in *results*.

    *traces* maps runs to their traces, whose rates are compared with the listed ones; for other
    runs only the verdict is compared.
    """
    return [seen(report, results, traces) for report in reports()]


def seen(report: Report, results: Results, traces: Mapping[str, Observation] = _NO_TRACES) -> Seen:
    """Return *report* with its runs in *results*; an absent backend has none."""
    version = results.versions.get(report.backend)
    findings = [f for f in results.findings if version is not None and report.speaks_of(f)]
    objections = [
        objection
        for finding in findings
        for objection in _objections(report, finding, traces.get(finding.run))
    ]
    return Seen(report, version, findings, objections)


def _objections(report: Report, finding: Finding, trace: Observation | None) -> list[str]:
    """Return the differences of one run from what *report* expects of it."""
    wrong = [
        f"{finding.scenario}: {name.replace('_', ' ')} is {getattr(finding, name)}, not {value}"
        for name, value in report.verdict.items()
        if getattr(finding, name) != value
    ]
    return wrong + (_rates(report, finding.scenario, trace) if trace is not None else [])


def _rates(report: Report, scenario: str, trace: Observation) -> list[str]:
    """Return a line for the first listed rate that the trace does not have."""
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


def _words(finding: Finding) -> str:
    if finding.verdict != "diverges":
        kind = f" ({finding.kind})" if " form" in finding.kind else ""
        return f"{finding.verdict}{kind}"
    return f"diverges: {finding.kind}, from step {finding.first_step}"


def read_traces(folder: Path, results: Results) -> dict[str, Observation]:
    """Return the recorded traces of the runs of issues with listed rates."""
    wanted = {f.run for row in look(results) if row.report.rates for f in row.findings}
    backends = {finding.backend for finding in results.findings if finding.run in wanted}
    return {
        run: trace
        for backend in sorted(backends)
        for run, trace in _recorded(folder / "traces" / f"{backend}.jsonl").items()
        if run in wanted
    }


def _recorded(path: Path) -> dict[str, Observation]:
    if not path.exists():
        return {}
    try:
        records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {record["run"]: from_answer(record) for record in records}
    except (ValueError, KeyError, TypeError) as error:
        expected = "the traces of a run, as `lrspec conform` writes them"
        raise BadInput("$", "something else", expected, str(path)) from error
