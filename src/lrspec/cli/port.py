"""`lrspec port`: a recipe in a framework's own words, with its certificate."""

from __future__ import annotations

import json

import click

from lrspec.cli import options
from lrspec.porting import port
from lrspec.truth import recipe


@click.command("port")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--to", "backend", required=True, metavar="BACKEND", help="torch, paddle, oneflow, … or numpy"
)
@click.option("--exact", is_flag=True, help="The closed form, also where native classes are right.")
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print source and certificate as JSON.")
def command(
    source: str,
    backend: str,
    exact: bool,  # noqa: FBT001
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """RECIPE as framework source on standard output; what running it showed on standard error."""
    ported = port(recipe.load(source), backend, pythons, exact=exact)
    if as_json:
        click.echo(json.dumps(ported.to_dict(), indent=1, ensure_ascii=False))
    else:
        click.echo(ported.source, nl=False)
        click.echo(ported.certificate.text, err=True)
    return 1 if ported.certificate.diverges else 0
