"""What a command is given: a recipe, or a scheduler in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe

if TYPE_CHECKING:
    from lrspec.importers.scheduler import Read

#: How the help writes it.
METAVAR = "RECIPE | FILE.py:EXPRESSION"


def recipe_of(target: str, pythons: Mapping[str, str]) -> Recipe:
    """Return the recipe that *target* is, or the one that means what its scheduler does."""
    return read_target(target, pythons)[0]


def read_target(target: str, pythons: Mapping[str, str]) -> tuple[Recipe, Read | None]:
    """Return what `recipe_of` returns, and what was read of a scheduler.

    Notes on a scheduler are printed on standard error.
    """
    if ".py:" not in target:
        return recipe.load(target), None
    from lrspec.importers.user_file import of_file  # noqa: PLC0415 - a recipe does not need it
    from lrspec.suite.departing import meant  # noqa: PLC0415

    read = of_file(target, None, pythons)
    loaded, notes = meant(read)
    for note in notes:
        click.echo(f"note: {target}: {note}", err=True)
    return loaded, read
