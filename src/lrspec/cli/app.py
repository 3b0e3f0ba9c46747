"""The commands together, and what becomes of their errors."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

import lrspec
from lrspec.cli import conform, doctor, ledger, listing, plot, port, read, report, trace, upstream
from lrspec.errors import LrspecError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(lrspec.__version__, prog_name="lrspec")
def app() -> None:
    """What a learning rate is at every step of training, in every framework.

    RECIPE is a JSON file, - for standard input, or the name of a published recipe.

    Exit codes: 0 all well, 1 a divergence, 2 bad input.
    """


for command in (
    listing.command,
    trace.command,
    conform.command,
    port.command,
    read.command,
    plot.command,
    report.command,
    upstream.command,
    doctor.command,
    ledger.command,
):
    app.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line *arguments* and return the exit code."""
    try:
        code = app.main(list(arguments), prog_name="lrspec", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        return _refuse(error.format_message())
    except LrspecError as error:
        return _refuse(str(error))
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:  # the reader has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _refuse(f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}")
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    click.echo(f"lrspec: {' '.join(message.split())}", err=True)
    return 2
