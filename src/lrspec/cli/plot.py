"""`lrspec plot`: the curves of recipes in one picture."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.cli import options
from lrspec.errors import BadInput, LrspecError
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe

_ENDINGS = (".png", ".svg")


@click.command("plot")
@click.argument("sources", nargs=-1, required=True, metavar="RECIPE ...")
@click.option("-o", "--output", required=True, metavar="FILE.png|.svg", help="The picture.")
@click.option(
    "--steps",
    type=click.IntRange(2, 10**7),
    help="How many steps; if absent the run, or all that happens.",
)
@options.run
def command(
    sources: tuple[str, ...],
    output: str,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
) -> None:
    """Draw the rate of every step of each RECIPE."""
    if Path(output).suffix not in _ENDINGS:
        raise BadInput("--output", output, f"a file ending in {' or '.join(_ENDINGS)}")
    if not Path(output).absolute().parent.is_dir():
        raise BadInput("--output", output, "a file in a folder that is there")
    loaded = {source: recipe.load(source) for source in dict.fromkeys(sources)}
    count = steps or updates or max(horizons(one)[0] for one in loaded.values())
    try:
        from lrspec.report import plots  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        needs = "pictures need their extra: python -m pip install 'lrspec[plot]'"
        raise LrspecError(needs) from error
    plots.curves(loaded, count, Path(output))
    for one in loaded.values():
        options.warn(one, updates, updates_per_epoch)
    click.echo(output)
