"""`lrspec plot`: the rates of recipes as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.cli import options
from lrspec.errors import BadInput
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe

_ENDINGS = (".png", ".svg")


@click.command("plot")
@click.argument("sources", nargs=-1, required=True, metavar="RECIPE ...")
@click.option("-o", "--output", required=True, metavar="FILE.png|.svg", help="File to write.")
@click.option(
    "--steps",
    type=click.IntRange(2, 10**7),
    metavar="N",
    help="Number of steps; by default --updates, or past the schedules' ends.",
)
@options.run
def command(
    sources: tuple[str, ...],
    output: str,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
) -> None:
    """Draw the learning rates of each RECIPE."""
    if Path(output).suffix not in _ENDINGS:
        raise BadInput("--output", output, f"a file ending in {' or '.join(_ENDINGS)}")
    if not Path(output).absolute().parent.is_dir():
        raise BadInput("--output", output, "a file in an existing folder")
    recipes = {source: recipe.load(source) for source in dict.fromkeys(sources)}
    count = steps or updates or max(horizons(each)[0] for each in recipes.values())
    from lrspec.report import plots  # noqa: PLC0415 - an extra

    plots.curves(recipes, count, Path(output))
    for each in recipes.values():
        options.warn(each, updates, updates_per_epoch)
    click.echo(output)
