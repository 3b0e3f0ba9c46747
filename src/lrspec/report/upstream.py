"""What was reported upstream, and what a run of the suite sees of it now."""

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
    """One report: what it says, and what must be seen of it now.

    Without a `kind` or a `first_step` in its `verdict` any will do. `rates` are those of update
    0, 1, 2, … as they were listed, None where none was; each holds to half a unit of its last
    digit.
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
        """Tell whether *finding* is of a run that shows this report."""
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
    """What the results hold of one report.

    `version` is that of its backend, None where it is absent or was not asked. `objections` say in
    what the runs are not as the report's row says.
    """

    report: Report
    version: str | None
    findings: Sequence[Finding]
    objections: Sequence[str]

    @property
    def as_it_says(self) -> bool | None:
        """Whether every run is as the row says; None where the results hold none."""
        return not self.objections if self.findings else None

    @property
    def now(self) -> str:
        """What is seen now, in words."""
        if not self.findings:
            return "not in these results"
        return "; ".join(dict.fromkeys(map(_words, self.findings)))


@cache
def reports() -> tuple[Report, ...]:
    """Return every report, in the order of its file."""
    folder = resources.root() / "conformance" / "upstream"
    paths = sorted(folder.glob("*.json"))
    return tuple(_report(entry) for path in paths for entry in resources.read_json(path)["reports"])


def _report(entry: Mapping[str, Any]) -> Report:
    lists = {name: tuple(entry[name]) for name in ("links", "rates") if name in entry}
    return Report(**{**entry, **lists})


def look(results: Results, traces: Mapping[str, Observation] = _NO_TRACES) -> list[Seen]:
    """Return what *results* hold of every report.

    The listed rates are held against those of *traces*, by the name of a run; a run that is not
    among them is judged by its finding alone.
    """
    return [seen(report, results, traces) for report in reports()]


def seen(report: Report, results: Results, traces: Mapping[str, Observation] = _NO_TRACES) -> Seen:
    """Return what *results* hold of *report*; an absent backend holds nothing."""
    version = results.versions.get(report.backend)
    findings = [f for f in results.findings if version is not None and report.speaks_of(f)]
    told = [_objections(report, finding, traces.get(finding.run)) for finding in findings]
    return Seen(report, version, findings, [objection for some in told for objection in some])


def _objections(report: Report, finding: Finding, trace: Observation | None) -> list[str]:
    """Return in what one run is not as its row says."""
    expected = report.verdict
    found = {
        "verdict": finding.verdict,
        "kind": finding.kind,
        "first_step": finding.first_step,
    }
    wrong = [
        f"{finding.scenario}: {name.replace('_', ' ')} is {found[name]}, not {value}"
        for name, value in expected.items()
        if found[name] != value
    ]
    return wrong + (_rates(report, finding.scenario, trace) if trace is not None else [])


def _rates(report: Report, scenario: str, trace: Observation) -> list[str]:
    """Return the first listed rate that was not seen."""
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
    """Tell whether *rate* is *listed*, to half a unit of its last digit."""
    written = Decimal(listed)
    exact = Decimal(rate)
    unit = Decimal((0, (1,), int(written.as_tuple().exponent)))
    return exact.is_finite() and abs(exact - written) <= unit / 2


def _words(finding: Finding) -> str:
    if finding.verdict != "diverges":
        kind = f" ({finding.kind})" if " form" in finding.kind else ""
        return f"{finding.verdict}{kind}"
    return f"diverges: {finding.kind}, from step {finding.first_step}"


def read_traces(folder: Path, results: Results) -> dict[str, Observation]:
    """Return the recorded traces of the runs that show a report; none where none were kept."""
    wanted = {f.run for found in look(results) if found.report.rates for f in found.findings}
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
