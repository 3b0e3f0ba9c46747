"""`lrspec port`: a recipe in a framework's own words, with its certificate."""

from __future__ import annotations

import json

import click

from lrspec.cli import options
from lrspec.codegen.plain_function import PLAIN
from lrspec.engine.units import in_epochs
from lrspec.errors import BadInput
from lrspec.port.port import port
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe


@click.command("port")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--to",
    "backend",
    required=True,
    metavar="BACKEND",
    help="One of those that `lrspec doctor` lists, or numpy for a plain function.",
)
@options.run
@click.option(
    "--standalone", is_flag=True, help="The closed form, also where native classes are right."
)
@click.option(
    "--ulp",
    type=click.FloatRange(0),
    metavar="N",
    help="The closed form also where native classes are N units in the last place off.",
)
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print source and certificate as JSON.")
def command(
    source: str,
    backend: str,
    updates: int | None,
    updates_per_epoch: int | None,
    standalone: bool,  # noqa: FBT001
    ulp: float | None,
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """Write RECIPE as framework source, certified by running it.

    The source goes to standard output, what running it showed to standard error.

    With --updates-per-epoch the scheduler is written to be stepped once an epoch, where no rate
    changes inside one.
    """
    loaded = recipe.load(source)
    options.warn(loaded, updates, updates_per_epoch)
    if updates_per_epoch is not None and backend != PLAIN:
        loaded = _stepped_once_an_epoch(loaded, updates_per_epoch)
    ported = port(loaded, backend, pythons, standalone=standalone, ulp=ulp)
    if as_json:
        click.echo(json.dumps(ported.to_dict(), indent=1, ensure_ascii=False))
    else:
        click.echo(ported.source, nl=False)
        click.echo(ported.certificate.text, err=True)
    return 1 if ported.certificate.diverges else 0


def _stepped_once_an_epoch(loaded: Recipe, count: int) -> Recipe:
    """Return *loaded* in epochs; where it changes inside one, as it is, with a warning."""
    try:
        return in_epochs(loaded, count)
    except BadInput as error:
        changes = f"the rate changes inside an epoch ({error.found})"
        options.told(f"{changes}: this is to be stepped after every update")
        return loaded
