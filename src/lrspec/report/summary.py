"""Summaries of the results: counts, and a cell per schedule or scenario and backend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lrspec.verdict.results import Finding, Results

_WORDS = {
    "conforms": "conform",
    "departs": "depart",
    "unpredicted": "unpredicted",
    "absent": "absent",
}
_SIGNS = {"conforms": "✓", "departs": "≠", "unpredicted": "unpredicted", "absent": "absent"}


def cell(findings: Sequence[Finding]) -> str:
    """Return the cell of a matrix: counts by verdict, for explicit arguments first."""
    if not findings:
        return ""
    counts = Counter(map(_outcome, (f for f in findings if f.argument_form == "explicit")))
    parts = [f"{sign} {counts[outcome]}" for outcome, sign in _SIGNS.items() if counts[outcome]]
    defaults = [f for f in findings if f.argument_form != "explicit" and f.source]
    departing = sum(finding.verdict != "conforms" for finding in defaults)
    if departing:
        parts.append(f"(defaults ≠ {departing})")
    return " ".join(parts) or "—"


def _outcome(finding: Finding) -> str:
    """Return the verdict, or why there is none: `absent` or `unsupported`."""
    return finding.verdict or finding.status


def matrix(results: Results) -> list[tuple[str, list[str]]]:
    """Return the rows of the first matrix: a schedule, and one cell per backend."""
    schedules = sorted({finding.schedule for finding in results.findings})
    return [
        (
            schedule,
            [
                cell([f for f in results.findings if (f.schedule, f.backend) == (schedule, b)])
                for b in results.versions
            ],
        )
        for schedule in schedules
    ]


def scenarios(results: Results) -> list[tuple[str, list[str]]]:
    """Return the rows of the second matrix: a scenario, and one cell per backend."""
    kinds = dict.fromkeys(_scenario(finding) for finding in results.findings)
    return [
        (
            kind,
            [
                cell([f for f in results.findings if (_scenario(f), f.backend) == (kind, b)])
                for b in results.versions
            ],
        )
        for kind in kinds
    ]


def _scenario(finding: Finding) -> str:
    return finding.run.scenario.name


def followed(results: Results) -> list[tuple[str, list[str]]]:
    """Return the form that each backend follows after a disturbance: a row per schedule."""
    disturbed = [finding for finding in results.findings if finding.run.scenario.expects_forms]
    schedules = sorted({finding.schedule for finding in disturbed})
    return [
        (
            schedule,
            [
                _form([f for f in disturbed if (f.schedule, f.backend) == (schedule, b)])
                for b in results.versions
            ],
        )
        for schedule in schedules
    ]


def _form(findings: Sequence[Finding]) -> str:
    """Return the forms that were observed, each with the scenarios in which it was."""
    scenarios_of: dict[str, dict[str, None]] = {}
    for finding in findings:
        form = finding.form.replace(" form", "", 1)
        if finding.verdict == "departs":
            form = "≠"
        if form:
            scenarios_of.setdefault(form, {})[_scenario(finding)] = None
    if len(scenarios_of) == 1 and "≠" not in scenarios_of:
        return next(iter(scenarios_of))
    return "; ".join(f"{form} ({', '.join(s)})" for form, s in scenarios_of.items()) or "—"


def counts(results: Results) -> str:
    """Return the number of runs with each verdict, as a phrase."""
    outcomes = Counter(map(_outcome, results.findings))
    unsupported = outcomes.pop("unsupported", 0)
    total = outcomes.total()
    verdicts = [f"{outcomes[name]} {word}" for name, word in _WORDS.items() if outcomes[name]]
    runs = f"{total} run{'' if total == 1 else 's'}: {', '.join(verdicts) or 'none'}"
    return f"{runs} ({unsupported} more unsupported)" if unsupported else runs


def table(results: Results) -> str:
    """Return the matrix as text for a terminal."""
    heads = [f"{name} {version or 'absent'}" for name, version in results.versions.items()]
    rows = [("", heads), *matrix(results)]
    first = max(len(name) for name, _ in rows)
    widths = [max(len(row[1][i]) for row in rows) for i in range(len(heads))]
    lines = [
        "  ".join([name.ljust(first), *(c.ljust(w) for c, w in zip(cells, widths, strict=True))])
        for name, cells in rows
    ]
    return "\n".join([*(line.rstrip() for line in lines), counts(results)])
