"""`lrspec read`: a framework's scheduler as a recipe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import click

from lrspec.cli import options
from lrspec.engine.units import in_updates
from lrspec.errors import BadInput
from lrspec.importers.configuration import read_config, readers
from lrspec.importers.user_file import of_file
from lrspec.spec.recipe import Recipe


@click.command("read")
@click.argument("source", metavar="FILE.py:EXPRESSION | FILE")
@click.option(
    "--backend", metavar="NAME", help="The framework, where FILE does not import just one."
)
@click.option(
    "--as",
    "project",
    metavar="PROJECT",
    help=f"FILE is a configuration of this project: {', '.join(readers())}.",
)
@click.option("--epochs", type=click.IntRange(1), help="In the place of a configuration's own.")
@options.run
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the recipe on one line.")
def command(
    source: str,
    backend: str | None,
    project: str | None,
    epochs: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Read a framework's scheduler, or a configuration, as a recipe.

    The recipe of the scheduler that EXPRESSION gives in FILE.py goes to standard output.

    FILE.py is run, as any import runs it, in the framework's interpreter; EXPRESSION too. What it
    does besides, it does. A scheduler in mid-run has its position under "about". What a person
    should know of it stands on standard error. With --updates-per-epoch it is one that is stepped
    once an epoch, and the recipe counts updates all the same.

    With --as, FILE is a configuration, which is read and never run.
    """
    notes: Sequence[str] = ()
    if project is not None:
        if backend is not None:
            raise BadInput("--backend", backend, "none with --as: a configuration is not run")
        found = read_config(source, project, updates_per_epoch=updates_per_epoch, epochs=epochs)
    elif epochs is not None:
        raise BadInput("--epochs", epochs, "a configuration, named by --as")
    else:
        read = of_file(source, backend, pythons)
        found, notes = _in_updates(read.recipe, updates_per_epoch), read.notes
    indent = None if as_json else 1
    click.echo(json.dumps(found.to_dict(), indent=indent, ensure_ascii=False))
    for note in notes:
        click.echo(f"note: {note}", err=True)
    options.warn(found, updates, updates_per_epoch)


def _in_updates(found: Recipe, updates_per_epoch: int | None) -> Recipe:
    """Return *found*, whose steps are epochs of so many updates, in updates, its position too."""
    if updates_per_epoch is None:
        return found
    turned, about = in_updates(found, updates_per_epoch), dict(found.about or {})
    if "position" in about:
        about["position"] *= updates_per_epoch
    return replace(turned, about=about or None)
