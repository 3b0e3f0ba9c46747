"""`lrspec report`: a Markdown report on the results of the last run."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.cli import options
from lrspec.report import markdown
from lrspec.verdict.results import read, write


@click.command("report")
@options.output("Folder of the results.")
def command(output: str) -> None:
    """Write a Markdown report on the last run.

    It is generated from DIR/results.json and written to DIR/divergences.md; no framework is needed.
    """
    folder = Path(output)
    write(folder / "divergences.md", markdown.divergences(read(folder / "results.json")))
    click.echo(folder / "divergences.md")
