"""Group the findings by kind and cause."""

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
    """Findings of one kind with one cause; the shortest of them is shown."""

    findings: Sequence[Finding]
    entry: Entry | None

    @property
    def witness(self) -> Finding:
        """The finding with the shortest recipe and run, which the report shows."""
        return min(self.findings, key=_length)

    @property
    def others(self) -> list[Finding]:
        """All findings except the one that is shown."""
        return [finding for finding in self.findings if finding is not self.witness]

    @property
    def backends(self) -> str:
        """The titles of the backends with such a finding."""
        return ", ".join(dict.fromkeys(title_of(f.backend) for f in self.findings))

    @property
    def name(self) -> str:
        """The id of the ledger entry, or what the findings have in common."""
        witness = self.witness
        common = f"{witness.backend} {witness.schedule} {witness.argument_form} {witness.kind}"
        return self.entry.id if self.entry else common

    @property
    def line(self) -> str:
        """The recipe that is shown, as JSON on one line."""
        return json.dumps(self.witness.recipe, ensure_ascii=False)

    @property
    def recipe(self) -> str:
        """The recipe that is shown, as JSON, on one line if it is short."""
        short = len(self.line) <= _WIDTH
        return self.line if short else json.dumps(self.witness.recipe, indent=2, ensure_ascii=False)


def _disturbed(group: Group) -> bool:
    return group.witness.run.scenario.name not in ("stepwise", "metrics")


def _length(finding: Finding) -> int:
    return len(json.dumps(finding.recipe)) + finding.updates


def _known(finding: Finding, version: str | None) -> Entry | None:
    """Return the ledger entry for *finding*."""
    return known(asked(finding, version), entries()) if version else None


@dataclass(frozen=True)
class Cause:
    """Groups with one cause: one upstream issue, one draft report or one ledger entry."""

    groups: Sequence[Group]

    @property
    def first(self) -> Group:
        """The group with the shortest finding, without a disturbance if there is one."""
        return min(self.groups, key=lambda group: (_disturbed(group), _length(group.witness)))

    @property
    def others(self) -> list[Group]:
        """All groups except the first."""
        return [group for group in self.groups if group is not self.first]

    @property
    def title(self) -> str:
        """The heading: backends, schedules and kind."""
        findings = [finding for group in self.groups for finding in group.findings]
        backends = ", ".join(dict.fromkeys(title_of(f.backend) for f in findings))
        kinds = list(dict.fromkeys(f.schedule for f in findings))
        schedules = ", ".join(kinds) if len(kinds) <= _NAMED else f"{len(kinds)} schedules"
        argument_forms = {f.argument_form for f in findings}
        suffix = " with default arguments" if "explicit" not in argument_forms else ""
        return f"{backends}: {schedules}{suffix}, {self.first.witness.kind}"

    @property
    def runs(self) -> int:
        """The number of runs with this cause."""
        return sum(len(group.findings) for group in self.groups)


def title_of(backend: str) -> str:
    """Return the title of a backend, or its name if it is unknown."""
    described = backends().get(backend)
    return described.title if described else backend


def groups(results: Results, *verdicts: str) -> list[Group]:
    """Return the findings with one of *verdicts*, grouped by kind and cause."""
    members: dict[Any, list[Finding]] = defaultdict(list)
    causes: dict[Any, Entry | None] = {}
    for finding in results.findings:
        if finding.verdict in verdicts:
            entry = _known(finding, results.versions[finding.backend])
            common = (finding.backend, finding.schedule, finding.argument_form, finding.kind)
            key = (entry.id, finding.kind) if entry else common
            members[key].append(finding)
            causes[key] = entry
    return [Group(findings, causes[key]) for key, findings in members.items()]


def causes(results: Results, *verdicts: str) -> list[Cause]:
    """Return the findings with one of *verdicts*, grouped by issue, draft report or entry."""
    members: dict[Any, list[Group]] = defaultdict(list)
    for group in groups(results, *verdicts):
        entry = group.entry
        members[(entry.link or entry.page or entry.id) if entry else group.name].append(group)
    return [Cause(grouped) for grouped in members.values()]
