"""Summaries of the results: counts, and a cell per schedule and backend."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from lrspec.bindings.document import EXPLICIT
from lrspec.verdict.results import Finding, Results

_PLURALS = {
    "conforms": "conform",
    "departs": "depart",
    "unpredicted": "unpredicted",
    "absent": "absent",
}
_SIGNS = {"conforms": "✓", "departs": "≠"}
#: A name, and one cell per backend.
Row = tuple[str, list[str]]


def matrix(results: Results) -> list[Row]:
    """Return the counts by verdict of each schedule."""
    return sorted(_rows(results, results.findings, lambda f: f.schedule, cell))


def followed(results: Results) -> list[Row]:
    """Return, for each schedule, the forms that the backends follow after a disturbance."""
    disturbed = [finding for finding in results.findings if finding.run.scenario.expects_forms]
    return sorted(_rows(results, disturbed, lambda f: f.schedule, _forms))


def _rows(
    results: Results,
    findings: Iterable[Finding],
    name_of: Callable[[Finding], str],
    cell_of: Callable[[Sequence[Finding]], str],
) -> list[Row]:
    by_name: dict[str, dict[str, list[Finding]]] = {}
    for finding in findings:
        by_backend = by_name.setdefault(name_of(finding), defaultdict(list))
        by_backend[finding.backend].append(finding)
    return [
        (name, [cell_of(by_backend[backend]) for backend in results.versions])
        for name, by_backend in by_name.items()
    ]


def _scenario(finding: Finding) -> str:
    return finding.run.scenario.name


def _outcome(finding: Finding) -> str:
    """Return the verdict, or why there is none: `absent` or `unsupported`."""
    return finding.verdict or finding.status


def cell(findings: Sequence[Finding]) -> str:
    """Return the counts of *findings* by verdict, followed by those with default arguments."""
    if not findings:
        return ""
    counts: Counter[str] = Counter(_outcome(f) for f in findings if f.argument_form == EXPLICIT)
    parts = [f"{_SIGNS.get(name, name)} {counts[name]}" for name in _PLURALS if counts[name]]
    defaults = [f for f in findings if f.argument_form != EXPLICIT and f.source]
    wrong = sum(finding.verdict != "conforms" for finding in defaults)
    if wrong:
        parts.append(f"(defaults ≠ {wrong})")
    return " ".join(parts) or "—"


def _forms(findings: Sequence[Finding]) -> str:
    """Return the observed forms, each with its scenarios."""
    scenarios_of: dict[str, dict[str, None]] = {}
    for finding in findings:
        form = "≠" if finding.verdict == "departs" else finding.form.replace(" form", "", 1)
        if form:
            scenarios_of.setdefault(form, {})[_scenario(finding)] = None
    if len(scenarios_of) == 1 and "≠" not in scenarios_of:
        return next(iter(scenarios_of))
    return "; ".join(f"{form} ({', '.join(s)})" for form, s in scenarios_of.items()) or "—"


def counts(results: Results) -> str:
    """Return the number of runs with each verdict, as a phrase."""
    outcomes: Counter[str] = Counter(map(_outcome, results.findings))
    unsupported = outcomes.pop("unsupported", 0)
    total = outcomes.total()
    verdicts = [
        f"{outcomes[name]} {name if outcomes[name] == 1 else plural}"
        for name, plural in _PLURALS.items()
        if outcomes[name]
    ]
    runs = f"{total} run{'' if total == 1 else 's'}: {', '.join(verdicts) or 'none'}"
    return f"{runs} ({unsupported} more unsupported)" if unsupported else runs


def table(results: Results) -> str:
    """Return the matrix as text for a terminal."""
    heads = [f"{name} {version or 'absent'}" for name, version in results.versions.items()]
    rows = [["", *heads], *([name, *cells] for name, cells in matrix(results))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, counts(results)])
