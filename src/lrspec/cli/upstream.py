"""`lrspec upstream`: upstream issues, and whether they still reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lrspec.cli import options
from lrspec.cli.terminal import print_table
from lrspec.report.upstream import Issue, issues, read_traces
from lrspec.verdict.results import read


@click.command("upstream", short_help="Show upstream issues, and whether they still reproduce.")
@options.output("Folder of the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(output: str, as_json: bool) -> int:  # noqa: FBT001
    """Show known upstream issues, and whether they still reproduce."""
    folder = Path(output)
    results = read(folder / "results.json")
    found = issues(results, read_traces(folder, results))
    if as_json:
        options.print_json(list(map(_entry, found)))
    else:
        print_table(["issue", "configuration", "now", "reproduces"], list(map(_row, found)))
    return 1 if any(issue.as_expected is False for issue in found) else 0


def _row(issue: Issue) -> list[str]:
    report = issue.report
    where = f"{report.backend} {issue.version}" if issue.version else report.backend
    summary = " ".join([f"{report.id} ({report.status}): {report.report}", *report.links])
    reproduces = {None: "—", True: "yes", False: f"no: {'; '.join(issue.mismatches)}"}
    now = f"{where}: {issue.now}"
    return [summary, f"{report.title} · {report.scenario}", now, reproduces[issue.as_expected]]


def _entry(issue: Issue) -> dict[str, Any]:
    report = issue.report
    return {
        "id": report.id,
        "links": report.links,
        "report": report.report,
        "status": report.status,
        "configuration": report.title,
        "case": report.case,
        "backend": report.backend,
        "version": issue.version,
        "argument_form": report.argument_form,
        "scenario": report.scenario,
        "runs": [str(finding.run) for finding in issue.findings],
        "now": issue.now,
        "as_it_says": issue.as_expected,
        "objections": issue.mismatches,
    }
