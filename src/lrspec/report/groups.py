"""Findings grouped by kind and cause, with the shortest one as an example."""

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

_MAX_NAMED = 4
_WIDTH = 100


@dataclass(frozen=True)
class Group:
    """Findings of the same kind and cause, and the ledger's entry for them, if there is one."""

    findings: Sequence[Finding]
    entry: Entry | None

    @property
    def witness(self) -> Finding:
        """The finding with the shortest recipe and run, as the example of the group."""
        return min(self.findings, key=_length)

    @property
    def others(self) -> list[Finding]:
        """All findings but the example."""
        return [finding for finding in self.findings if finding is not self.witness]

    @property
    def backends(self) -> str:
        """The titles of the backends that are affected."""
        return ", ".join(dict.fromkeys(title_of(f.backend) for f in self.findings))

    @property
    def name(self) -> str:
        """The id of the ledger's entry, or what the findings have in common."""
        if self.entry:
            return self.entry.id
        witness = self.witness
        return f"{witness.backend} {witness.schedule} {witness.argument_form} {witness.kind}"

    @property
    def line(self) -> str:
        """The example's recipe as JSON, on one line."""
        return json.dumps(self.witness.recipe, ensure_ascii=False)

    @property
    def recipe(self) -> str:
        """The example's recipe as JSON, on one line if it is short."""
        short = len(self.line) <= _WIDTH
        return self.line if short else json.dumps(self.witness.recipe, indent=2, ensure_ascii=False)


def _disturbed(group: Group) -> bool:
    return group.witness.scenario.partition("@")[0] not in ("stepwise", "metrics")


def _length(finding: Finding) -> int:
    return len(json.dumps(finding.recipe)) + finding.updates


def _known(finding: Finding, version: str | None) -> Entry | None:
    """Return the ledger's entry for *finding*."""
    return known(asked(finding, version), entries()) if version else None


@dataclass(frozen=True)
class Cause:
    """Groups with the same cause: an upstream issue, a page of findings, or a ledger entry."""

    groups: Sequence[Group]

    @property
    def first(self) -> Group:
        """The group with the shortest example, of an undisturbed run if there is one."""
        return min(self.groups, key=lambda group: (_disturbed(group), _length(group.witness)))

    @property
    def others(self) -> list[Group]:
        """All groups but the first."""
        return [group for group in self.groups if group is not self.first]

    @property
    def title(self) -> str:
        """The heading of the cause."""
        findings = [finding for group in self.groups for finding in group.findings]
        backends = ", ".join(dict.fromkeys(title_of(f.backend) for f in findings))
        kinds = list(dict.fromkeys(f.schedule for f in findings))
        schedules = ", ".join(kinds) if len(kinds) <= _MAX_NAMED else f"{len(kinds)} schedules"
        argument_forms = {f.argument_form for f in findings}
        argument_form = " with default arguments" if "explicit" not in argument_forms else ""
        return f"{backends}: {schedules}{argument_form}, {self.first.witness.kind}"

    @property
    def runs(self) -> int:
        """The number of runs that are affected."""
        return sum(len(group.findings) for group in self.groups)


def title_of(backend: str) -> str:
    """Return the title of a backend by its name."""
    known = backends().get(backend)
    return known.title if known else backend


def groups(results: Results, *verdicts: str) -> list[Group]:
    """Return the findings with one of *verdicts*, grouped by kind and cause."""
    members: dict[Any, list[Finding]] = defaultdict(list)
    causes: dict[Any, Entry | None] = {}
    for finding in results.findings:
        if finding.verdict in verdicts:
            entry = _known(finding, results.versions[finding.backend])
            alike = (finding.backend, finding.schedule, finding.argument_form, finding.kind)
            key = (entry.id, finding.kind) if entry else alike
            members[key].append(finding)
            causes[key] = entry
    return [Group(findings, causes[key]) for key, findings in members.items()]


def causes(results: Results, *verdicts: str) -> list[Cause]:
    """Return the groups of findings with one of *verdicts*, by upstream issue, page or entry."""
    by_cause: dict[Any, list[Group]] = defaultdict(list)
    for group in groups(results, *verdicts):
        entry = group.entry
        by_cause[(entry.link or entry.page or entry.id) if entry else group.name].append(group)
    return [Cause(members) for members in by_cause.values()]
