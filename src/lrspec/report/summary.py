"""Summaries of the results: matrices of schedules or scenarios by backend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lrspec.scenario.scenario import forms_expected
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
    """Return the cell of a matrix: the verdicts with explicit arguments, then with defaults."""
    if not findings:
        return ""
    native = [finding for finding in findings if finding.argument_form == "explicit"]
    other = [finding for finding in findings if finding.argument_form != "explicit"]
    counts = Counter(finding.verdict for finding in native)
    parts = []
    if counts["conforms"]:
        parts.append(f"✓ {counts['conforms']}")
    if counts["diverges"]:
        parts.append(f"≠ {counts['diverges']}")
    untraced = ("rejected", "errored", "crashed", "timeout", "absent")
    parts += [f"{verdict} {counts[verdict]}" for verdict in untraced if counts[verdict]]
    wrong = sum(finding.verdict != "conforms" for finding in other if finding.source)
    if wrong:
        parts.append(f"(defaults ≠ {wrong})")
    return " ".join(parts) or "—"


def matrix(results: Results) -> list[tuple[str, list[str]]]:
    """Return the rows of the matrix: a schedule and its cells, one per backend."""
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
    """Return the rows of the matrix of scenarios: a scenario and its cells, one per backend."""
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
    return finding.scenario.partition("@")[0]


def followed(results: Results) -> list[tuple[str, list[str]]]:
    """Return the form that each backend follows after a disturbance, a row per schedule."""
    disturbed = [finding for finding in results.findings if forms_expected(finding.scenario)]
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
    """Return the observed forms, each with its scenarios."""
    seen: dict[str, dict[str, None]] = {}
    for finding in findings:
        form = finding.kind.replace(" form", "", 1)
        if finding.verdict == "diverges":
            form = f"≠ {finding.kind}"
        if form.startswith(("closed", "recursive")) or finding.verdict == "diverges":
            seen.setdefault(form, {})[_scenario(finding)] = None
    if len(seen) == 1 and "≠" not in next(iter(seen)):
        return next(iter(seen))
    return "; ".join(f"{form} ({', '.join(shown)})" for form, shown in seen.items()) or "—"


def counts(results: Results) -> str:
    """Return the number of runs with each verdict, as text."""
    number = Counter(finding.verdict for finding in results.findings)
    unsupported = number.pop("unsupported", 0)
    verdicts = [f"{number[name]} {words}" for name, words in _WORDS.items() if number[name]]
    total = number.total()
    text = f"{total} run{'' if total == 1 else 's'}: {', '.join(verdicts) or 'none'}"
    return f"{text} ({unsupported} more unsupported)" if unsupported else text


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
