"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lrspec.errors import BadInput

Command = Callable[..., Any]


def _pythons(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [item.partition("=") for item in given]
    for name, equals, path in pairs:
        if not (name and equals and path):
            raise BadInput("--python", name, "NAME=PATH, a backend and its interpreter")
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
