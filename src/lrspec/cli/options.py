"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lrspec.bindings.backend import backends
from lrspec.engine.horizon import warnings
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe

Command = Callable[..., Any]


def _pythons(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    names = [name for b in backends().values() for name in (b.framework, b.name)]
    known = list(dict.fromkeys(names))
    pairs = [item.partition("=") for item in given]
    for name, equals, path in pairs:
        if not (name and equals and path):
            raise BadInput("--python", name, "NAME=PATH, a backend and its interpreter")
        if name not in known:
            raise BadInput("--python", name, f"one of {', '.join(known)} before the =")
    return {name: path for name, _, path in pairs}


def python(command: Command) -> Command:
    """Add `--python NAME=PATH`."""
    return click.option(
        "--python",
        "pythons",
        multiple=True,
        metavar="NAME=PATH",
        callback=_pythons,
        help="The interpreter of a backend.",
    )(command)


def run(command: Command) -> Command:
    """Add `--updates TOTAL` and `--updates-per-epoch N`, the run that a recipe is for."""
    ends = click.option(
        "--updates",
        type=click.IntRange(1, 10**7),
        metavar="TOTAL",
        help="Where the run ends; warns where the schedule ends elsewhere.",
    )
    epochs = click.option(
        "--updates-per-epoch",
        type=click.IntRange(1),
        metavar="N",
        help="How long an epoch is; warns where a boundary falls inside one.",
    )
    return ends(epochs(command))


def warn(recipe: Recipe, updates: int | None, updates_per_epoch: int | None) -> None:
    """Say on standard error what a run does not do as *recipe* means it, a line each."""
    for line in warnings(recipe, updates, updates_per_epoch):
        told(line)


def told(warning: str) -> None:
    """Say *warning* on standard error."""
    click.echo(f"lrspec: warning: {warning}", err=True)
