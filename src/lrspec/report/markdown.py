"""The report on departures and unpredicted runs, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from lrspec.engine.rules import rule
from lrspec.report.groups import groups, title_of
from lrspec.report.summary import counts, followed, matrix, scenarios
from lrspec.report.upstream import issues
from lrspec.scenario.declaration import declared
from lrspec.spec.schedule import schedules
from lrspec.verdict.results import Finding, Results

_OTHERS = 12
_SIDES = {
    "specification": "The specification is right.",
    "framework": "The framework is right.",
    "neither": "Neither is wrong.",
}


def divergences(results: Results) -> str:
    """Return the text of `divergences.md`, which depends on *results* only."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - an extra

    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("lrspec.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["rate"] = lambda rate: f"{float(rate) + 0.0:.9g}"
    environment.filters["rule_text"] = _rule_text
    return environment.get_template("divergences.md.j2").render(
        backends=[(title_of(name), version) for name, version in results.versions.items()],
        absent=_absent(results.findings),
        run=results.run,
        counts=counts(results),
        matrix=matrix(results),
        scenarios=[(name, declared()[name], cells) for name, cells in scenarios(results)],
        followed=followed(results),
        unpredicted=groups(results, "unpredicted"),
        departing=groups(results, "departs"),
        unsupported=_unsupported(results.findings),
        upstream=[issue for issue in issues(results) if issue.findings],
        rules={kind: schedule.document["rules"] for kind, schedule in schedules().items()},
        others=_OTHERS,
        sides=_SIDES,
    )


def _rule_text(name: str) -> str:
    """Return the text of a rule; that of a scenario is at the top of the page."""
    if name.partition(" ")[0] in declared():
        return "the expectation of its scenario"
    return rule(name).text.removesuffix(".")


def _absent(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    reasons = {f.backend: f.explanation for f in findings if f.status == "absent"}
    return [(title_of(name), reason) for name, reason in reasons.items()]


def _unsupported(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    rows = {
        (title_of(f.backend), f.schedule, f.explanation)
        for f in findings
        if f.status == "unsupported" and f.run.scenario.name == "stepwise"
    }
    return sorted(rows)
