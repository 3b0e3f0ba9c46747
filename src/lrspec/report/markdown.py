"""The short report as Markdown; the page beside it has the details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrspec.report.answers import Bite
from lrspec.report.comparison import Comparison, comparisons
from lrspec.report.escaping import cells, code_block, in_markdown
from lrspec.report.groups import Group, groups, title_of
from lrspec.report.sides import compared
from lrspec.report.summary import counts, followed
from lrspec.report.upstream import issues
from lrspec.report.wording import FILTERS, situation_of
from lrspec.verdict.results import Finding, Results

_SHOWN = 6


@dataclass(frozen=True)
class Pair:
    """The move from one framework to another: what both have, and where they differ.

    `differing` are the subjects whose ordinary runs differ, the largest difference first; `others`
    maps every other situation to the further subjects that differ there.
    """

    source: str
    target: str
    both: int
    differing: Sequence[tuple[Comparison, Bite]]
    others: Mapping[str, Sequence[str]]

    @property
    def same(self) -> int:
        """How many subjects have the same rates in an ordinary run."""
        return self.both - len(self.differing)


def divergences(results: Results) -> str:
    """Return the text of `divergences.md`, which depends on *results* only."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - an extra

    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("lrspec.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=in_markdown,  # of every value that the template shows
    )
    environment.filters.update(FILTERS)
    environment.filters |= {"cells": cells, "code_block": code_block}
    environment.filters["rate"] = lambda rate: f"{float(rate) + 0.0:.9g}"
    return environment.get_template("divergences.md.j2").render(
        backends=[(title_of(name), version) for name, version in results.versions.items()],
        absent=_absent(results.findings),
        run=results.run,
        counts=counts(results),
        pairs=pairs(comparisons()),
        shown=_SHOWN,
        unpredicted=groups(results, "unpredicted"),
        departing=sorted(groups(results, "departs"), key=_rank),
        followed=followed(results),
        upstream=[issue for issue in issues(results) if issue.findings],
    )


def pairs(found: Sequence[Comparison]) -> list[Pair]:
    """Return every move between the default modes of two frameworks."""
    names = [backend.name for backend in compared() if backend.name == backend.framework]
    return [_pair(found, a, b) for a in names for b in names if a != b]


def _pair(found: Sequence[Comparison], source: str, target: str) -> Pair:
    moved = [(one, one.bites[source, target]) for one in found if (source, target) in one.bites]
    every = [(one, bite) for one, bites in moved for bite in bites]
    ordinary = [(one, bite) for one, bite in every if bite.situation == "once"]
    differing = {one.subject.id for one, _ in ordinary}
    others: dict[str, list[str]] = {}
    for one, bite in every:
        if one.subject.id not in differing:
            others.setdefault(situation_of(bite), []).append(one.subject.title)
    ordinary.sort(key=lambda pair: -(pair[1].size or float("inf")))
    return Pair(title_of(source), title_of(target), len(moved), ordinary, others)


def _rank(group: Group) -> tuple[bool, int, float]:
    example = group.example
    disturbed = example.run.scenario.name not in ("stepwise", "metrics")
    return disturbed, -len(group.findings), -(example.max_rel_error or 0.0)


def _absent(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    reasons = {f.backend: f.explanation for f in findings if f.status == "absent"}
    return [(title_of(name), reason) for name, reason in reasons.items()]
