"""The divergence report that a person reads, as Markdown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.frameworks.backend import backends
from lrspec.report.known import asked
from lrspec.report.results import Finding, Results
from lrspec.report.summary import counts, drives, followed, matrix
from lrspec.report.upstream import look
from lrspec.truth.drive import declared
from lrspec.truth.rules import rule
from lrspec.truth.schedule import schedules
from lrspec.verdict.ledger import Entry, entries, known

_OTHERS = 12
_NAMED = 4
_WIDTH = 100
_SIDES = {
    "specification": "The specification is right.",
    "framework": "The framework is right.",
    "neither": "Neither side is wrong.",
}


@dataclass(frozen=True)
class Group:
    """Divergences of one kind and one cause; the shortest is the witness."""

    findings: Sequence[Finding]
    entry: Entry | None

    @property
    def witness(self) -> Finding:
        """The finding with the fewest updates, a stepwise one if there is one."""
        return min(self.findings, key=lambda f: (not f.drive.startswith("stepwise"), f.updates))

    @property
    def others(self) -> list[Finding]:
        """All findings but the witness."""
        return [finding for finding in self.findings if finding is not self.witness]

    @property
    def title(self) -> str:
        """What a heading says of the group."""
        spelling = "" if self.witness.spelling == "native" else " with default arguments"
        backends = ", ".join(dict.fromkeys(title_of(f.backend) for f in self.findings))
        kinds = list(dict.fromkeys(f.schedule for f in self.findings))
        named = ", ".join(kinds) if len(kinds) <= _NAMED else f"{len(kinds)} schedules"
        return f"{backends}: {named}{spelling}, {self.witness.kind}"

    @property
    def recipe(self) -> str:
        """The witness's recipe as JSON, on one line if it is short."""
        line = json.dumps(self.witness.recipe, ensure_ascii=False)
        return line if len(line) <= _WIDTH else json.dumps(self.witness.recipe, indent=2)


def _known(finding: Finding, version: str | None) -> Entry | None:
    """Return what the ledger says of *finding*."""
    return known(asked(finding, version), entries()) if version else None


def divergences(results: Results) -> str:
    """Return the text of `divergences.md`: the same bytes for the same results."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - an extra

    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("lrspec.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["rate"] = lambda rate: f"{rate + 0.0:.9g}"
    environment.filters["worded"] = _worded
    template = environment.get_template("divergences.md.j2")
    return template.render(
        backends=[(title_of(name), version) for name, version in results.versions.items()],
        absent=_absent(results),
        counts=counts(results),
        matrix=matrix(results),
        drives=[
            (name, declared().get(name, {"words": ""}), cells) for name, cells in drives(results)
        ],
        followed=followed(results),
        groups=groups(results, "diverges"),
        refused=groups(results, "rejected", "crashed", "errored", "timeout"),
        unsupported=_unsupported(results.findings),
        upstream=[seen for seen in look(results) if seen.findings],
        rules=_rules(),
        others=_OTHERS,
        sides=_SIDES,
    )


def _worded(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the rules called *names*, each with what it says; that of a drive stands above."""
    return [
        (name, "its drive" if name.partition(" ")[0] in declared() else _ended(rule(name).text))
        for name in names
    ]


def _ended(text: str) -> str:
    return text.removesuffix(".")


def title_of(backend: str) -> str:
    """Return a backend's name as a person reads it."""
    known = backends().get(backend)
    return known.title if known else backend


def _absent(results: Results) -> list[tuple[str, str]]:
    reasons = {f.backend: f.explanation for f in results.findings if f.status == "absent"}
    return [(title_of(name), reason) for name, reason in reasons.items()]


def groups(results: Results, *verdicts: str) -> list[Group]:
    """Return the findings with one of *verdicts*, those of one kind and one cause together."""
    found: dict[Any, list[Finding]] = defaultdict(list)
    causes: dict[Any, Entry | None] = {}
    for finding in results.findings:
        if finding.verdict in verdicts:
            entry = _known(finding, results.versions[finding.backend])
            alike = (finding.backend, finding.schedule, finding.spelling, finding.kind)
            key = (entry.id, finding.kind) if entry else alike
            found[key].append(finding)
            causes[key] = entry
    return [Group(members, causes[key]) for key, members in found.items()]


def _unsupported(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    rows = {
        (title_of(f.backend), f.schedule, f.explanation)
        for f in findings
        if f.status == "unsupported" and f.drive.partition("@")[0] == "stepwise"
    }
    return sorted(rows)


def _rules() -> Mapping[str, Sequence[Mapping[str, str]]]:
    return {kind: schedule.document["rules"] for kind, schedule in schedules().items()}
