"""`lrspec upstream`: upstream issues, and whether they still reproduce."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lrspec.cli import options, tables
from lrspec.report.upstream import Seen, look, read_traces
from lrspec.verdict.results import read


@click.command("upstream")
@options.output("Folder of the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(output: str, as_json: bool) -> int:  # noqa: FBT001
    """Show known upstream issues, and whether they still reproduce."""
    folder = Path(output)
    results = read(folder / "results.json")
    rows = look(results, read_traces(folder, results))
    if as_json:
        click.echo(json.dumps(list(map(_entry, rows)), indent=1, ensure_ascii=False))
    else:
        tables.show(["issue", "configuration", "now", "reproduces"], list(map(_row, rows)))
    return 1 if any(row.as_it_says is False for row in rows) else 0


def _row(seen: Seen) -> list[str]:
    report = seen.report
    where = f"{report.backend} {seen.version}" if seen.version else report.backend
    issue = " ".join([f"{report.id} ({report.status}): {report.report}", *report.links])
    return [issue, f"{report.title} · {report.scenario}", f"{where}: {seen.now}", _answer(seen)]


def _answer(seen: Seen) -> str:
    if seen.as_it_says is None:
        return "—"
    return "yes" if seen.as_it_says else f"no: {'; '.join(seen.objections)}"


def _entry(seen: Seen) -> dict[str, Any]:
    report = seen.report
    return {
        "id": report.id,
        "links": report.links,
        "report": report.report,
        "status": report.status,
        "configuration": report.title,
        "case": report.case,
        "backend": report.backend,
        "version": seen.version,
        "argument_form": report.argument_form,
        "scenario": report.scenario,
        "runs": [str(finding.run) for finding in seen.findings],
        "now": seen.now,
        "as_it_says": seen.as_it_says,
        "objections": list(seen.objections),
    }
