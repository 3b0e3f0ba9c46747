"""What a command is given: a recipe, or a scheduler in a file."""

from __future__ import annotations

from collections.abc import Mapping

import click

from lrspec.importers.scheduler import Read
from lrspec.importers.user_file import is_in_file, of_file
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe
from lrspec.suite.departing import meant

#: How the help writes it.
METAVAR = "RECIPE | FILE.py:EXPRESSION"


def recipe_of(target: str, pythons: Mapping[str, str]) -> Recipe:
    """Return the recipe that *target* is, or the one that means what its scheduler does."""
    return read_target(target, pythons)[0]


def read_target(target: str, pythons: Mapping[str, str]) -> tuple[Recipe, Read | None]:
    """Return what `recipe_of` returns, and what was read of a scheduler.

    Notes on a scheduler are printed on standard error.
    """
    if not is_in_file(target):
        return recipe.load(target), None
    read = of_file(target, None, pythons)
    loaded, notes = meant(read)
    for note in notes:
        click.echo(f"note: {target}: {note}", err=True)
    return loaded, read
