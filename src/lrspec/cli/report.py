"""`lrspec report`: the page that a person reads, from the last run's results."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.errors import LrspecError
from lrspec.report import markdown
from lrspec.verdict.results import read, write


@click.command("report")
@click.option("-o", "--output", default="reports", show_default=True, help="Where the results are.")
def command(output: str) -> None:
    """Write divergences.md from the results of the last run; no framework is needed."""
    folder = Path(output)
    try:
        text = markdown.divergences(read(folder / "results.json"))
    except ModuleNotFoundError as error:
        needs = "the report needs its extra: python -m pip install 'lrspec[report]'"
        raise LrspecError(needs) from error
    write(folder / "divergences.md", text)
    click.echo(folder / "divergences.md")
