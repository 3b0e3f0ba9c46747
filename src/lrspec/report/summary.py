"""The results at a glance: a matrix of schedules and backends."""

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
    """Return what a matrix shows of one schedule on one backend, native argument_form first."""
    if not findings:
        return ""
    native = [finding for finding in findings if finding.argument_form == "explicit"]
    other = [finding for finding in findings if finding.argument_form != "explicit"]
    counts: Counter[str] = Counter(finding.verdict for finding in native)
    parts = []
    if counts["conforms"]:
        parts.append(f"✓ {counts['conforms']}")
    if counts["diverges"]:
        parts.append(f"≠ {counts['diverges']}")
    lost = ("rejected", "errored", "crashed", "timeout", "absent")
    parts += [f"{verdict} {counts[verdict]}" for verdict in lost if counts[verdict]]
    wrong = sum(finding.verdict != "conforms" for finding in other if finding.source)
    if wrong:
        parts.append(f"(defaults ≠ {wrong})")
    return " ".join(parts) or "—"


def matrix(results: Results) -> list[tuple[str, list[str]]]:
    """Return the rows of the matrix: a schedule, and a cell a backend."""
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
    """Return the rows of the other matrix: a scenario, and a cell a backend."""
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
    """Return which form each backend follows after a disturbance: a schedule, a cell a backend."""
    told = [finding for finding in results.findings if finding.run.scenario.expects_forms]
    schedules = sorted({finding.schedule for finding in told})
    return [
        (
            schedule,
            [
                _form([f for f in told if (f.schedule, f.backend) == (schedule, b)])
                for b in results.versions
            ],
        )
        for schedule in schedules
    ]


def _form(findings: Sequence[Finding]) -> str:
    """Return the forms that were seen, each with the scenarios that showed it."""
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
    """Return how many runs have each verdict, in words."""
    found: Counter[str] = Counter(finding.verdict for finding in results.findings)
    unsupported = found.pop("unsupported", 0)
    verdicts = [f"{found[name]} {words}" for name, words in _WORDS.items() if found[name]]
    asked = (
        f"{found.total()} run{'' if found.total() == 1 else 's'}: {', '.join(verdicts) or 'none'}"
    )
    return f"{asked} ({unsupported} more unsupported)" if unsupported else asked


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
