"""`lrspec plot`: the rates of recipes as a picture, or as characters in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from lrspec.cli import options
from lrspec.cli.target import METAVAR, recipe_of
from lrspec.cli.terminal import curved, terminal_width
from lrspec.dialect.curve import Curve, curve_of
from lrspec.engine.landmarks import landmarks
from lrspec.errors import BadInput, located
from lrspec.report import text_plot
from lrspec.scenario.builders import FARTHEST
from lrspec.scenario.own_run import run_length

_ENDINGS = (".png", ".svg")
_ROWS = 8
_LONGEST = 10**12
_MARGIN = 10  # columns of the scale, so that curves begin in the same one


@click.command("plot", short_help="Draw learning rates in the terminal, or as a picture.")
@click.argument("sources", nargs=-1, required=True, metavar=f"({METAVAR}) ...")
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
@options.python
def command(
    sources: tuple[str, ...],
    output: str | None,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
    pythons: dict[str, str],
) -> int:
    """Draw the learning rates of each RECIPE, or of each scheduler of a file, over its run.

    A scheduler, and a recipe with a dialect, has the rates that its framework uses. Landmarks are
    marked. Several recipes are drawn with their difference from the first one, and relative to
    their peaks if these are far apart; if their runs are, each over its own.
    """
    if output is not None and Path(output).suffix not in _ENDINGS:
        raise BadInput("--output", output, f"a file ending in {' or '.join(_ENDINGS)}")
    if output is not None and not Path(output).absolute().parent.is_dir():
        raise BadInput("--output", output, "a file in an existing folder")
    recipes = {source: recipe_of(source, pythons) for source in dict.fromkeys(sources)}
    lengths = {
        name: run_length(each, steps or updates, FARTHEST if each.dialect else None)
        for name, each in recipes.items()
    }
    with located(", ".join(recipes)):
        curves = {
            name: curve_of(each, max(lengths[name].steps, 2)) for name, each in recipes.items()
        }
        if output is None:
            for line in _in_terminal(curves):
                click.echo(line)
        else:
            from lrspec.report import plots  # noqa: PLC0415 - an extra

            plots.curves(curves, Path(output))
    for each in recipes.values():
        options.warn(each, updates, updates_per_epoch)
    for name, curve in curves.items():
        length = lengths[name]
        click.echo(f"{name}: steps 0 to {curve.steps - 1:,} ({length.source})", err=True)
        if curve.error:
            raised = f"{curve.recipe.dialect} raises {curve.error}"
            click.echo(f"lrspec: {name}: step {curve.steps:,}: {raised}", err=True)
        elif length.uncovered:
            options.print_warning(f"{name}: {length.uncovered}")
    if output is not None:
        click.echo(output)
    return 1 if any(curve.error for curve in curves.values()) else 0


def _in_terminal(curves: Mapping[str, Curve]) -> Iterator[str]:
    width, margin = terminal_width() - 12, _MARGIN if len(curves) > 1 else 0
    for name, curve in curves.items():
        yield click.style(name, bold=True)
        marks = landmarks(curve.recipe, curve.steps - 1)
        yield from map(curved, text_plot.lines(curve, width, _ROWS, marks, margin))
    first, *others = curves.items()
    lengths = [curve.steps for curve in curves.values()]
    if max(lengths) > text_plot.FAR * min(lengths):
        return
    for name, curve in others:
        yield click.style(f"{name} minus {first[0]}", bold=True)
        yield from map(curved, text_plot.difference(first[1], curve, width, _ROWS // 2, margin))
