"""`lrspec trace`: the specified rates of a recipe."""

from __future__ import annotations

import json

import click

from lrspec.cli import options
from lrspec.engine import closed_form, recursive_form
from lrspec.errors import located
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe


@click.command("trace")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--steps",
    type=click.IntRange(0, 10**8),
    metavar="N",
    help="Number of steps; by default --updates, or past the schedule's end.",
)
@options.run
@click.option(
    "--form",
    type=click.Choice(["closed", "recursive"]),
    default="closed",
    show_default=True,
    help="Compute each rate from the step, or from the rate before.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: steps, lr, momentum.")
def command(
    source: str,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
    form: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print the learning rates of RECIPE.

    There is a line per step and a column per parameter group. If the schedule also sets the
    momentum, it follows in as many columns.
    """
    loaded = recipe.load(source)
    count = next((n for n in (steps, updates) if n is not None), horizons(loaded)[0])
    engine = recursive_form if form == "recursive" else closed_form
    with located(source):
        rates = engine.trace(loaded, count).tolist()
        momenta = closed_form.momentum(loaded, range(count))
    options.warn(loaded, updates, updates_per_epoch)
    if as_json:
        momentum = {} if momenta is None else {"momentum": momenta.tolist()}
        click.echo(json.dumps({"schema_version": 1, "steps": count, "lr": rates, **momentum}))
        return
    for step, row in enumerate(rates):
        columns = row if momenta is None else [*row, *momenta[step].tolist()]
        click.echo("\t".join([str(step), *map(repr, columns)]))
