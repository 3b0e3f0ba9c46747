"""Findings of one kind and one cause, told as one, with their witnesses."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.frameworks.backend import backends
from lrspec.report.known import asked
from lrspec.report.results import Finding, Results
from lrspec.verdict.ledger import Entry, entries, known

_NAMED = 4
_WIDTH = 100


@dataclass(frozen=True)
class Group:
    """Findings of one kind and one cause; the shortest is the witness."""

    findings: Sequence[Finding]
    entry: Entry | None

    @property
    def witness(self) -> Finding:
        """The finding with the shortest recipe and run, the first of several."""
        return min(self.findings, key=lambda f: len(json.dumps(f.recipe)) + f.updates)

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


def title_of(backend: str) -> str:
    """Return a backend's name as a person reads it."""
    known = backends().get(backend)
    return known.title if known else backend


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
