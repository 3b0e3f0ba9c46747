"""All commands, and the exit codes of their errors."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

import lrspec
from lrspec.cli import (
    check,
    compare,
    conform,
    departures,
    doctor,
    listing,
    plot,
    port,
    read,
    recipes,
    report,
    trace,
    upstream,
)
from lrspec.errors import LrspecError, unknown
from lrspec.spec.other_names import meant_commands

#: The extra that provides each optional package.
_EXTRAS = {"jinja2": "report", "matplotlib": "plot"}


class _Commands(click.Group):
    """The commands; an unknown one is answered with what was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            raise unknown(
                "",
                "command",
                name,
                known,
                f"expected one of {', '.join(known)}",
                meant_commands(name, known),
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(lrspec.__version__, prog_name="lrspec")
def app() -> None:
    """Specify learning-rate schedules, and check them in deep learning frameworks.

    RECIPE is a JSON file, - for standard input, or the name of a published recipe.

    Exit status: 0 success; 1 an unpredicted run, a departure from a RECIPE, or a missing
    backend; 2 invalid input.
    """


for module in (
    check,
    compare,
    conform,
    departures,
    doctor,
    listing,
    plot,
    port,
    read,
    recipes,
    report,
    trace,
    upstream,
):
    app.add_command(module.command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line with *arguments*; return the exit code.

    Invalid input is reported in one line on standard error.
    """
    try:
        code = app.main(list(arguments), prog_name="lrspec", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        return _fail(error.format_message())
    except LrspecError as error:
        return _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        return 130
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        extra = _EXTRAS[error.name]
        return _fail(f"this needs an extra: python -m pip install 'lrspec[{extra}]'")
    except BrokenPipeError:  # the reader has closed the pipe
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}")
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    click.echo(f"lrspec: {' '.join(message.split())}", err=True)
    return 2
