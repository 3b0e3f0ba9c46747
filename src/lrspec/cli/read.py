"""`lrspec read`: a framework's scheduler or a configuration as a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from lrspec.cli import options
from lrspec.engine.units import in_updates
from lrspec.errors import BadInput
from lrspec.importers.configuration import FORMATS, read_config
from lrspec.importers.user_file import of_file
from lrspec.spec.recipe import Recipe
from lrspec.suite.departing import meant


@click.command("read")
@click.argument("source", metavar="FILE.py:EXPRESSION | FILE")
@click.option(
    "--backend",
    metavar="NAME[==VERSION]",
    help="Framework of FILE.py, if it does not import exactly one; its version reads it unrun.",
)
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help=f"FILE is a configuration: {', '.join(FORMATS)}.",
)
@click.option(
    "--epochs", type=click.IntRange(1), metavar="N", help="Replace the configuration's epochs."
)
@click.option("--static", is_flag=True, help="Read FILE.py without running it.")
@options.run
@options.as_specified
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the recipe on one line.")
def command(
    source: str,
    backend: str | None,
    format_name: str | None,
    epochs: int | None,
    static: bool,  # noqa: FBT001
    updates: int | None,
    updates_per_epoch: int | None,
    as_specified: bool,  # noqa: FBT001
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print the recipe of a scheduler or of a configuration.

    FILE.py is imported in the framework's interpreter, and EXPRESSION is evaluated in it: their
    side effects happen. With --static, and where the framework is not installed, FILE.py is not
    run: constructor calls with literals, names bound to literals, and arithmetic on them are read,
    and the rates are those that the framework's dialect predicts.

    The position of a scheduler in mid-run is under "about". Where its framework departs from the
    specification, the recipe has its "dialect", which means the rates that the framework uses. The
    departures are under "about", and on standard error with the other notes. With
    --updates-per-epoch, the scheduler is one that is stepped once per epoch; the recipe counts
    updates.

    With --format, FILE is a configuration, which is read but never run.
    """
    notes: Sequence[str] = ()
    if format_name is not None:
        if backend is not None:
            sentence = "cannot be combined with --format: a configuration is not run"
            raise BadInput("--backend", backend, "no --format", sentence=sentence)
        recipe = read_config(
            source, format_name, updates_per_epoch=updates_per_epoch, epochs=epochs
        )
    elif epochs is not None:
        raise BadInput("--epochs", epochs, "a configuration, with --format")
    else:
        recipe, notes = meant(of_file(source, backend, pythons, static=static))
        recipe = _in_updates(recipe.specified if as_specified else recipe, updates_per_epoch)
    indent = None if as_json else 1
    options.print_json(recipe.to_dict(), indent=indent)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    options.warn(recipe, updates, updates_per_epoch)


def _in_updates(recipe: Recipe, updates_per_epoch: int | None) -> Recipe:
    """Return *recipe* and its position in updates, if *updates_per_epoch* says it is in epochs."""
    if updates_per_epoch is None:
        return recipe
    converted, about = in_updates(recipe, updates_per_epoch), dict(recipe.about or {})
    if "position" in about:
        about["position"] *= updates_per_epoch
    return replace(converted, about=about or None)
