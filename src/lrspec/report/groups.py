"""The findings grouped by departure, and the unpredicted ones by backend and schedule."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lrspec.bindings.backend import backends
from lrspec.dialect.dialect import Departure, departures
from lrspec.verdict.results import Finding, Results, Verdict

_MAX_SCHEDULES = 4
_WIDTH = 100


@dataclass(frozen=True)
class Group:
    """Findings with one cause; the shortest of them is shown.

    `name` is the id of the departure, or what unpredicted findings have in common.
    """

    name: str
    findings: Sequence[Finding]
    departure: Departure | None

    @cached_property
    def example(self) -> Finding:
        """The finding that the report shows: undisturbed if possible, then the shortest."""
        return min(self.findings, key=lambda finding: (_disturbed(finding), _length(finding)))

    @property
    def others(self) -> list[Finding]:
        """All findings except the one that is shown."""
        return [finding for finding in self.findings if finding is not self.example]

    @property
    def title(self) -> str:
        """The heading: backends and schedules."""
        names = ", ".join(dict.fromkeys(title_of(f.backend) for f in self.findings))
        kinds = list(dict.fromkeys(f.schedule for f in self.findings))
        schedules = ", ".join(kinds) if len(kinds) <= _MAX_SCHEDULES else f"{len(kinds)} schedules"
        defaults = "explicit" not in {f.argument_form for f in self.findings}
        return f"{names}: {schedules}{' with default arguments' if defaults else ''}"

    @property
    def recipe(self) -> str:
        """The recipe that is shown, as JSON, on one line if it is short."""
        line = json.dumps(self.example.recipe, ensure_ascii=False)
        if len(line) <= _WIDTH:
            return line
        return json.dumps(self.example.recipe, indent=2, ensure_ascii=False)


def _disturbed(finding: Finding) -> bool:
    return finding.run.scenario.name not in ("stepwise", "metrics")


def _length(finding: Finding) -> int:
    return len(json.dumps(finding.recipe)) + finding.updates


def title_of(backend: str) -> str:
    """Return the title of a backend, or its name if it is unknown."""
    described = backends().get(backend)
    return described.title if described else backend


def groups(results: Results, verdict: Verdict) -> list[Group]:
    """Return the findings with *verdict*, grouped by their first departure.

    Findings without one are grouped by backend, schedule, argument form and scenario.
    """
    members: dict[str, list[Finding]] = defaultdict(list)
    for finding in results.findings:
        if finding.verdict == verdict:
            scenario = finding.run.scenario.selector
            common = f"{finding.backend} {finding.schedule} {finding.argument_form} {scenario}"
            members[finding.departures[0] if finding.departures else common].append(finding)
    return [Group(name, found, departures().get(name)) for name, found in members.items()]
