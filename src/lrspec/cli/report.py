"""`lrspec report`: a Markdown report on the results of the last run."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.cli import options
from lrspec.report import markdown
from lrspec.report.groups import title_of
from lrspec.report.summary import counts
from lrspec.runtime.records import check_run
from lrspec.verdict.results import read, write


@click.command("report")
@options.output("Folder of the results.")
def command(output: str) -> None:
    """Write a Markdown report on the last run.

    It is generated from DIR/results.json and written to DIR/divergences.md; no framework is needed.
    Files of different runs are rejected.
    """
    folder = Path(output)
    results = read(folder / "results.json")
    check_run(folder, results.run)
    write(folder / "divergences.md", markdown.divergences(results))
    click.echo(folder / "divergences.md")
    of = ", ".join(f"{title_of(name)} {v or 'absent'}" for name, v in results.versions.items())
    click.echo(f"run {results.run}: {of}; {counts(results)}", err=True)
