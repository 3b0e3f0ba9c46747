"""Findings of one kind and one cause, told as one, with their witnesses."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.bindings.backend import backends
from lrspec.verdict.known import asked
from lrspec.verdict.ledger import Entry, entries, known
from lrspec.verdict.results import Finding, Results

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
        return min(self.findings, key=_length)

    @property
    def others(self) -> list[Finding]:
        """All findings but the witness."""
        return [finding for finding in self.findings if finding is not self.witness]

    @property
    def backends(self) -> str:
        """The titles of the backends that show it."""
        return ", ".join(dict.fromkeys(title_of(f.backend) for f in self.findings))

    @property
    def name(self) -> str:
        """What the group is called: its entry, or what is alike in it."""
        witness = self.witness
        alike = f"{witness.backend} {witness.schedule} {witness.argument_form} {witness.kind}"
        return self.entry.id if self.entry else alike

    @property
    def line(self) -> str:
        """The witness's recipe as JSON, on one line."""
        return json.dumps(self.witness.recipe, ensure_ascii=False)

    @property
    def recipe(self) -> str:
        """The witness's recipe as JSON, on one line if it is short."""
        short = len(self.line) <= _WIDTH
        return self.line if short else json.dumps(self.witness.recipe, indent=2, ensure_ascii=False)


def _disturbed(group: Group) -> bool:
    return group.witness.run.scenario.name not in ("stepwise", "metrics")


def _length(finding: Finding) -> int:
    return len(json.dumps(finding.recipe)) + finding.updates


def _known(finding: Finding, version: str | None) -> Entry | None:
    """Return what the ledger says of *finding*."""
    return known(asked(finding, version), entries()) if version else None


@dataclass(frozen=True)
class Cause:
    """Groups of one cause: what one report, one page or one entry of the ledger speaks of."""

    groups: Sequence[Group]

    @property
    def first(self) -> Group:
        """The group with the shortest witness, of a plain run if there is one."""
        return min(self.groups, key=lambda group: (_disturbed(group), _length(group.witness)))

    @property
    def others(self) -> list[Group]:
        """All groups but the first, which show the same otherwise."""
        return [group for group in self.groups if group is not self.first]

    @property
    def title(self) -> str:
        """What a heading says of the cause."""
        found = [finding for group in self.groups for finding in group.findings]
        backends = ", ".join(dict.fromkeys(title_of(f.backend) for f in found))
        kinds = list(dict.fromkeys(f.schedule for f in found))
        named = ", ".join(kinds) if len(kinds) <= _NAMED else f"{len(kinds)} schedules"
        argument_forms = {f.argument_form for f in found}
        argument_form = " with default arguments" if "explicit" not in argument_forms else ""
        return f"{backends}: {named}{argument_form}, {self.first.witness.kind}"

    @property
    def runs(self) -> int:
        """How many runs show it."""
        return sum(len(group.findings) for group in self.groups)


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
            alike = (finding.backend, finding.schedule, finding.argument_form, finding.kind)
            key = (entry.id, finding.kind) if entry else alike
            found[key].append(finding)
            causes[key] = entry
    return [Group(members, causes[key]) for key, members in found.items()]


def causes(results: Results, *verdicts: str) -> list[Cause]:
    """Return the findings with one of *verdicts*, those that one report, page or entry tells of."""
    found: dict[Any, list[Group]] = defaultdict(list)
    for group in groups(results, *verdicts):
        entry = group.entry
        found[(entry.link or entry.page or entry.id) if entry else group.name].append(group)
    return [Cause(members) for members in found.values()]
