"""`lrspec plot`: the rates of recipes as a picture, or as characters in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from lrspec.cli import options
from lrspec.cli.terminal import terminal_width
from lrspec.engine.landmarks import landmarks
from lrspec.errors import BadInput, located
from lrspec.report import text_plot
from lrspec.scenario.own_run import run_length
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe

_ENDINGS = (".png", ".svg")
_ROWS = 8
_LONGEST = 10**12


@click.command("plot")
@click.argument("sources", nargs=-1, required=True, metavar="RECIPE ...")
@click.option(
    "-o",
    "--output",
    metavar="FILE.png|.svg",
    help="File to write; without it, draw in the terminal.",
)
@click.option(
    "--steps",
    type=click.IntRange(2, _LONGEST),
    metavar="N",
    help="Number of steps; by default --updates, or each recipe's own run.",
)
@options.run
def command(
    sources: tuple[str, ...],
    output: str | None,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
) -> None:
    """Draw the learning rates of each RECIPE over its run.

    Landmarks are marked. Several recipes are drawn with their difference from the first one, and
    relative to their peaks if these are far apart; if their runs are, each over its own.
    """
    if output is not None and Path(output).suffix not in _ENDINGS:
        raise BadInput("--output", output, f"a file ending in {' or '.join(_ENDINGS)}")
    if output is not None and not Path(output).absolute().parent.is_dir():
        raise BadInput("--output", output, "a file in an existing folder")
    recipes = {source: recipe.load(source) for source in dict.fromkeys(sources)}
    lengths = [run_length(each, steps or updates) for each in recipes.values()]
    counts = [max(length.steps, 2) for length in lengths]
    with located(", ".join(recipes)):
        if output is None:
            for line in _in_terminal(recipes, counts):
                click.echo(line)
        else:
            from lrspec.report import plots  # noqa: PLC0415 - an extra

            plots.curves(recipes, counts, Path(output))
    for each in recipes.values():
        options.warn(each, updates, updates_per_epoch)
    for name, length, count in zip(recipes, lengths, counts, strict=True):
        click.echo(f"{name}: steps 0 to {count - 1:,} ({length.source})", err=True)
    if output is not None:
        click.echo(output)


def _in_terminal(recipes: Mapping[str, Recipe], lengths: Sequence[int]) -> Iterator[str]:
    width = terminal_width() - 12
    for (name, each), steps in zip(recipes.items(), lengths, strict=True):
        yield click.style(name, bold=True)
        for line in text_plot.lines(each, steps, width, _ROWS, landmarks(each, steps - 1)):
            yield click.style(line, fg="cyan")
    first, *others = recipes.items()
    if max(lengths) > text_plot.FAR * min(lengths):
        return
    steps = min(lengths)
    for name, each in others:
        yield click.style(f"{name} minus {first[0]}", bold=True)
        for line in text_plot.difference(first[1], each, steps, width, _ROWS // 2):
            yield click.style(line, fg="cyan")
