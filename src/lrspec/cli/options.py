"""Options that several commands share."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from lrspec.errors import BadInput, not_one_of
from lrspec.spec.recipe import Recipe

Command = Callable[..., Any]


def _pythons(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    if not values:
        return {}
    from lrspec.bindings.backend import backends, meant_backend  # noqa: PLC0415 - rarely needed
    from lrspec.runtime.interpreter import reason_against  # noqa: PLC0415

    by_name = {n: b for b in backends().values() for n in (b.framework, b.name)}
    pairs = [value.partition("=") for value in values]
    for name, equals, path in pairs:
        if not (name and equals and path):
            raise BadInput("--python", name, "NAME=PATH, a backend and its interpreter")
        if name not in by_name:
            raise not_one_of("--python", name, by_name, meant_backend(name))
        reason = reason_against(path, by_name[name].package)
        if reason:
            raise BadInput("--python", path, "", sentence=f"{path}: {reason}")
    return {name: path for name, _, path in pairs}


def python(command: Command) -> Command:
    """Add `--python NAME=PATH`."""
    return click.option(
        "--python",
        "pythons",
        multiple=True,
        metavar="NAME=PATH",
        callback=_pythons,
        help="Python interpreter of a backend; repeatable.",
    )(command)


def run(command: Command) -> Command:
    """Add `--updates N` and `--updates-per-epoch N`, the lengths of a run and of its epochs."""
    ends = click.option(
        "--updates",
        type=click.IntRange(1, 10**7),
        metavar="N",
        help="Length of the training run; warns if the schedule's differs.",
    )
    epochs = click.option(
        "--updates-per-epoch",
        type=click.IntRange(1),
        metavar="N",
        help="Length of an epoch; warns if the schedule changes inside one.",
    )
    return ends(epochs(command))


def as_specified(command: Command) -> Command:
    """Add `--as-specified`."""
    return click.option(
        "--as-specified",
        is_flag=True,
        help="Rates of the specification where the scheduler's framework departs from it.",
    )(command)


def output(help_text: str) -> Callable[[Command], Command]:
    """Add `-o/--output DIR`, a folder."""
    return click.option(
        "-o", "--output", default="reports", show_default=True, metavar="DIR", help=help_text
    )


def color_and_quiet(command: click.Command) -> click.Command:
    """Return *command* with `-q/--quiet` and `--color`."""
    extended = copy.copy(command)
    extended.params = [
        *command.params,
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_be_quiet,
            help="Print no notes, warnings or progress.",
        ),
        click.Option(
            ["--color"],
            type=click.Choice([*_COLORS]),
            default="auto",
            expose_value=False,
            callback=_set_color,
            help="Color the output; by default on a terminal, unless NO_COLOR is set.",
        ),
    ]
    return extended


_COLORS = {"auto": None, "always": True, "never": False}
_QUIET = "lrspec.quiet"


def _be_quiet(context: click.Context, _: click.Parameter, quiet: bool) -> None:  # noqa: FBT001
    if quiet:
        context.meta[_QUIET] = True
        context.with_resource(contextlib.redirect_stderr(io.StringIO()))


def _set_color(context: click.Context, _: click.Parameter, color: str) -> None:
    wanted = _COLORS[color]
    context.color = False if wanted is None and os.environ.get("NO_COLOR") else wanted


def is_quiet() -> bool:
    """Return whether `-q` was given to the command that runs."""
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(_QUIET, False)


def print_json(document: Any, indent: int | None = 1) -> None:
    """Print *document* as JSON, in the characters that standard output has."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    ascii_only = not encoding.startswith("utf")
    click.echo(json.dumps(document, indent=indent, ensure_ascii=ascii_only))


def warn(recipe: Recipe, updates: int | None, updates_per_epoch: int | None) -> None:
    """Print a warning for each way in which *recipe* does not fit the training run."""
    from lrspec.engine.horizon import warnings  # noqa: PLC0415 - not every command warns

    for message in warnings(recipe, updates, updates_per_epoch):
        print_warning(message)


def print_warning(message: str) -> None:
    """Print *message* as a warning on standard error."""
    click.echo(f"lrspec: warning: {message}", err=True)
