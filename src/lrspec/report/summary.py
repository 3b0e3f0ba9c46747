"""Summaries of the results: counts, and a cell per schedule or scenario and backend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lrspec.verdict.results import Finding, Results

_WORDS = {
    "conforms": "conform",
    "diverges": "diverge",
    "rejected": "rejected",
    "errored": "errored",
    "crashed": "crashed",
    "timeout": "timed out",
    "absent": "absent",
}


def cell(findings: Sequence[Finding]) -> str:
    """Return the cell of a matrix: counts by verdict, for explicit arguments first."""
    if not findings:
        return ""
    explicit = [finding for finding in findings if finding.argument_form == "explicit"]
    defaults = [finding for finding in findings if finding.argument_form != "explicit"]
    counts: Counter[str] = Counter(finding.verdict for finding in explicit)
    parts = []
    if counts["conforms"]:
        parts.append(f"✓ {counts['conforms']}")
    if counts["diverges"]:
        parts.append(f"≠ {counts['diverges']}")
    failed = ("rejected", "errored", "crashed", "timeout", "absent")
    parts += [f"{verdict} {counts[verdict]}" for verdict in failed if counts[verdict]]
    wrong = sum(finding.verdict != "conforms" for finding in defaults if finding.source)
    if wrong:
        parts.append(f"(defaults ≠ {wrong})")
    return " ".join(parts) or "—"


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
        form = finding.kind.replace(" form", "", 1)
        if finding.verdict == "diverges":
            form = f"≠ {finding.kind}"
        if form.startswith(("closed", "recursive")) or finding.verdict == "diverges":
            scenarios_of.setdefault(form, {})[_scenario(finding)] = None
    if len(scenarios_of) == 1 and "≠" not in next(iter(scenarios_of)):
        return next(iter(scenarios_of))
    return "; ".join(f"{form} ({', '.join(s)})" for form, s in scenarios_of.items()) or "—"


def counts(results: Results) -> str:
    """Return the number of runs with each verdict, as a phrase."""
    by_verdict: Counter[str] = Counter(finding.verdict for finding in results.findings)
    unsupported = by_verdict.pop("unsupported", 0)
    total = by_verdict.total()
    verdicts = [f"{by_verdict[name]} {word}" for name, word in _WORDS.items() if by_verdict[name]]
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
