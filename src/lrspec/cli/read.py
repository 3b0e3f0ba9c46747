"""`lrspec read`: a framework's scheduler as a recipe."""

from __future__ import annotations

import json

import click

from lrspec.cli import options
from lrspec.frameworks.user_file import of_file


@click.command("read")
@click.argument("source", metavar="FILE.py:EXPRESSION")
@click.option(
    "--backend", metavar="NAME", help="The framework, where FILE does not import just one."
)
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the recipe on one line.")
def command(source: str, backend: str | None, pythons: dict[str, str], as_json: bool) -> None:  # noqa: FBT001
    """The scheduler that EXPRESSION gives in FILE.py, as a recipe on standard output.

    FILE.py is run, as any import runs it, in the framework's interpreter; EXPRESSION too. What it
    does besides, it does. A scheduler in mid-run has its position under "about". What a person
    should know of it stands on standard error.
    """
    read = of_file(source, backend, pythons)
    indent = None if as_json else 1
    click.echo(json.dumps(read.recipe.to_dict(), indent=indent, ensure_ascii=False))
    for note in read.notes:
        click.echo(f"note: {note}", err=True)
