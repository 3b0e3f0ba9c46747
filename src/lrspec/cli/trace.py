"""`lrspec trace`: the rates of the reference engine."""

from __future__ import annotations

import json

import click

from lrspec.cli import options
from lrspec.engine import closed_form, recursive_form
from lrspec.errors import BadInput
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe


@click.command("trace")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--steps",
    type=click.IntRange(0, 10**8),
    help="How many steps; if absent the run, or all that happens.",
)
@options.run
@click.option(
    "--form",
    type=click.Choice(["closed", "recursive"]),
    default="closed",
    show_default=True,
    help="From the step alone, or from the rate before.",
)
@click.option("--json", "as_json", is_flag=True, help='Print {"steps": n, "lr": [[…], …]}.')
def command(
    source: str,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
    form: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """The rate of every step of RECIPE, a line a step, a column a parameter group.

    Where the schedule moves the momentum too, as many columns follow with it.
    """
    loaded = recipe.load(source)
    count = next((n for n in (steps, updates) if n is not None), horizons(loaded)[0])
    engine = recursive_form if form == "recursive" else closed_form
    try:
        rates = engine.trace(loaded, count).tolist()
        moved = closed_form.momentum(loaded, range(count))
    except BadInput as error:
        raise error.in_file(source) from error
    options.warn(loaded, updates, updates_per_epoch)
    momentum = {} if moved is None else {"momentum": moved.tolist()}
    if as_json:
        click.echo(json.dumps({"steps": count, "lr": rates, **momentum}))
        return
    for step, row in enumerate(rates):
        beside = momentum["momentum"][step] if momentum else []
        click.echo(f"{step}\t" + "\t".join(map(repr, [*row, *beside])))
