"""Which framework has which schedule: one cell per schedule and mode, and its notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lrspec.bindings.document import EXPLICIT
from lrspec.dialect.dialect import departures
from lrspec.verdict.results import Finding, Results

State = Literal["unpredicted", "differs", "notes", "conforms", "none", "not run"]
#: The shape, the letter and the words of each state, the worst first.
STATES: Mapping[State, tuple[str, str]] = {
    "unpredicted": ("U", "not as predicted"),
    "differs": ("D", "differs"),
    "notes": ("N", "conforms, with notes"),
    "conforms": ("C", "conforms"),
    "none": ("-", "no class"),
    "not run": ("?", "not run"),
}
_PLAIN = ("stepwise", "metrics")


@dataclass(frozen=True)
class Note:
    """A departure in the runs of one cell: how many show it, and the largest error.

    `where` says in which of them it appears first: an undisturbed run with every argument written
    out (`""`), with default arguments, or a scenario.
    """

    id: str
    runs: int
    size: float | None
    where: str
    link: str | None


@dataclass(frozen=True)
class Cell:
    """What the runs of one schedule in one mode show."""

    state: State
    notes: Sequence[Note]
    reason: str = ""


def support(results: Results) -> list[tuple[str, list[Cell]]]:
    """Return each schedule that was run, with one cell per backend; the worst first."""
    runs: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in results.findings:
        runs[finding.schedule][finding.backend].append(finding)
    rows = [
        (kind, [_cell(by_backend.get(name, [])) for name in results.versions])
        for kind, by_backend in sorted(runs.items())
    ]
    order = list(STATES)
    return sorted(rows, key=lambda row: min(order.index(cell.state) for cell in row[1]))


def _cell(findings: Sequence[Finding]) -> Cell:
    made = [f for f in findings if f.verdict]
    if not made:
        reasons = [f.explanation for f in findings if f.status == "unsupported"]
        return Cell("none" if reasons else "not run", (), reasons[0] if reasons else "")
    notes = _notes(made)
    if any(f.verdict == "unpredicted" for f in made):
        return Cell("unpredicted", notes)
    if any(f.verdict == "departs" and _ordinary(f) for f in made):
        return Cell("differs", notes)
    return Cell("notes" if notes else "conforms", notes)


def _ordinary(finding: Finding) -> bool:
    """Return whether *finding* is on an undisturbed run of an example or a published recipe."""
    common = finding.case.endswith("/example") or finding.case.startswith("recipes/")
    return common and _where(finding) == ""


def _where(finding: Finding) -> str:
    if finding.argument_form != EXPLICIT:
        return "with default arguments"
    scenario = finding.run.scenario.name
    return "" if scenario in _PLAIN else scenario


def _notes(findings: Sequence[Finding]) -> list[Note]:
    members: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.verdict != "conforms":
            members[finding.departures[0] if finding.departures else "unpredicted"].append(finding)
    known = departures()
    notes = []
    for name, of in members.items():
        sizes = [f.max_rel_error for f in of if f.max_rel_error is not None]
        where = min(map(_where, of))
        link = known[name].link if name in known else None
        notes.append(Note(name, len(of), max(sizes, default=None), where, link))
    return sorted(notes, key=lambda note: (note.where != "", -(note.size or 0.0), note.id))
