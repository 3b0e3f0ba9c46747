"""Group the findings by kind and cause."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lrspec.bindings.backend import backends
from lrspec.verdict.known import asked
from lrspec.verdict.ledger import Entry, entries, known
from lrspec.verdict.results import Finding, Results

_MAX_SCHEDULES = 4
_WIDTH = 100


@dataclass(frozen=True)
class Group:
    """Findings of one kind with one cause."""

    findings: Sequence[Finding]
    entry: Entry | None

    @cached_property
    def example(self) -> Finding:
        """The finding with the shortest recipe and run, which the report shows."""
        return min(self.findings, key=_length)

    @property
    def others(self) -> list[Finding]:
        """All findings except the one that is shown."""
        return [finding for finding in self.findings if finding is not self.example]

    @property
    def backends(self) -> str:
        """The titles of the backends with such a finding."""
        return _titles(self.findings)

    @property
    def name(self) -> str:
        """The id of the ledger entry, or what the findings have in common."""
        shown = self.example
        common = f"{shown.backend} {shown.schedule} {shown.argument_form} {shown.kind}"
        return self.entry.id if self.entry else common

    @property
    def line(self) -> str:
        """The recipe that is shown, as JSON on one line."""
        return json.dumps(self.example.recipe, ensure_ascii=False)

    @property
    def recipe(self) -> str:
        """The recipe that is shown, as JSON, on one line if it is short."""
        short = len(self.line) <= _WIDTH
        return self.line if short else json.dumps(self.example.recipe, indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Cause:
    """Groups with one cause: one upstream issue, one draft report or one ledger entry."""

    groups: Sequence[Group]

    @cached_property
    def first(self) -> Group:
        """The group with the shortest finding, without a disturbance if there is one."""
        return min(self.groups, key=lambda group: _rank(group.example))

    @property
    def others(self) -> list[Group]:
        """All groups except the first."""
        return [group for group in self.groups if group is not self.first]

    @property
    def title(self) -> str:
        """The heading: backends, schedules and kind."""
        findings = [finding for group in self.groups for finding in group.findings]
        kinds = list(dict.fromkeys(f.schedule for f in findings))
        many = len(kinds) > _MAX_SCHEDULES
        schedules = f"{len(kinds)} schedules" if many else ", ".join(kinds)
        explicit = any(f.argument_form == "explicit" for f in findings)
        suffix = "" if explicit else " with default arguments"
        return f"{_titles(findings)}: {schedules}{suffix}, {self.first.example.kind}"

    @property
    def runs(self) -> int:
        """The number of runs with this cause."""
        return sum(len(group.findings) for group in self.groups)


def _length(finding: Finding) -> int:
    return len(json.dumps(finding.recipe)) + finding.updates


def _rank(finding: Finding) -> tuple[bool, int]:
    return finding.run.scenario.name not in ("stepwise", "metrics"), _length(finding)


def _titles(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(title_of(finding.backend) for finding in findings))


def title_of(backend: str) -> str:
    """Return the title of a backend, or its name if it is unknown."""
    described = backends().get(backend)
    return described.title if described else backend


def groups(results: Results, *verdicts: str) -> list[Group]:
    """Return the findings with one of *verdicts*, grouped by kind and cause."""
    by_cause: dict[Any, tuple[list[Finding], Entry | None]] = {}
    for finding in results.findings:
        if finding.verdict in verdicts:
            version = results.versions[finding.backend]
            entry = known(asked(finding, version), entries()) if version else None
            common = (finding.backend, finding.schedule, finding.argument_form)
            cause = (entry.id if entry else common, finding.kind)
            by_cause.setdefault(cause, ([], entry))[0].append(finding)
    return [Group(findings, entry) for findings, entry in by_cause.values()]


def causes(results: Results, *verdicts: str) -> list[Cause]:
    """Return the findings with one of *verdicts*, grouped by issue, draft report or entry."""
    members: dict[str, list[Group]] = defaultdict(list)
    for group in groups(results, *verdicts):
        entry = group.entry
        members[(entry.link or entry.page or entry.id) if entry else group.name].append(group)
    return [Cause(grouped) for grouped in members.values()]
