"""`lrspec trace`: the rates of the reference engine."""

from __future__ import annotations

import json

import click

from lrspec.errors import BadInput
from lrspec.truth import chainable, recipe, reference
from lrspec.truth.course import horizons


@click.command("trace")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--steps", type=click.IntRange(0, 10**8), help="How many steps; all that happens if absent."
)
@click.option(
    "--form",
    type=click.Choice(["closed", "chainable"]),
    default="closed",
    show_default=True,
    help="From the step alone, or from the rate before.",
)
@click.option("--json", "as_json", is_flag=True, help='Print {"steps": n, "lr": [[…], …]}.')
def command(source: str, steps: int | None, form: str, as_json: bool) -> None:  # noqa: FBT001
    """The rate of every step of RECIPE, a line a step, a column a parameter group.

    Where the schedule moves the momentum too, as many columns follow with it.
    """
    loaded = recipe.load(source)
    count = horizons(loaded)[0] if steps is None else steps
    engine = chainable if form == "chainable" else reference
    try:
        rates = engine.trace(loaded, count).tolist()
        moved = reference.momentum(loaded, range(count))
    except BadInput as error:
        raise error.in_file(source) from error
    momentum = {} if moved is None else {"momentum": moved.tolist()}
    if as_json:
        click.echo(json.dumps({"steps": count, "lr": rates, **momentum}))
        return
    for step, row in enumerate(rates):
        beside = momentum["momentum"][step] if momentum else []
        click.echo(f"{step}\t" + "\t".join(map(repr, [*row, *beside])))
