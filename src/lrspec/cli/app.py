"""All commands, and the exit codes of their errors."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import click

from lrspec.cli import options
from lrspec.cli.completion import add_completion
from lrspec.errors import LrspecError, printable, unknown
from lrspec.spec.other_names import meant_commands
from lrspec.version import VERSION

#: The extra that provides each optional package.
_EXTRAS = {"jinja2": "report", "matplotlib": "plot"}


#: The modules that have other names than their commands.
_MODULES = {"list": "listing"}
#: An example of each command; its help shows it.
EXAMPLES = {
    "check": "lrspec check 'train.py:make()' --steps 5000",
    "compare": "lrspec compare recipe.json 'train.py:make()'",
    "conform": "lrspec conform recipe.json --backend torch",
    "departures": "lrspec departures --json",
    "doctor": "lrspec doctor --python torch=.venv/bin/python",
    "list": "lrspec list cosine_annealing",
    "plot": "lrspec plot bert llama -o curves.png",
    "port": "lrspec port recipe.yaml --to paddle > schedule.py",
    "read": "lrspec read 'train.py:make()' > recipe.json",
    "recipes": "lrspec recipes warmup",
    "report": "lrspec report -o lrspec-results",
    "trace": "lrspec trace one-sentence --as torch --steps 100",
    "upstream": "lrspec upstream --json",
    "versions": "lrspec versions torch --from 2.3 --to 2.13",
}


@cache
def command(name: str) -> click.Command:
    """Return the command *name*, whose module is imported when it is first asked for."""
    module = importlib.import_module(f"lrspec.cli.{_MODULES.get(name, name)}")
    added = add_completion(options.color_and_quiet(module.command))
    added.epilog = f"Example: {EXAMPLES[name]}"
    return added


class _Commands(click.Group):
    """The commands; an unknown one is answered with what was probably meant."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(EXAMPLES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        return command(name) if name in EXAMPLES else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; that the reader closes the pipe is no error, as click would have it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

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
    epilog="Example: lrspec check 'train.py:make()'",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="lrspec")
def app() -> None:
    """Specify learning-rate schedules, and check them in deep learning frameworks.

    RECIPE is a JSON or YAML file, - for standard input, or the name of a published recipe.

    Exit status: 0 something was verified, and all of it is well; 1 nothing could be verified,
    something is unpredicted, or a framework departs from a RECIPE; 2 invalid input.

    Completion in bash: eval "$(_LRSPEC_COMPLETE=bash_source lrspec)"; also zsh_source and
    fish_source.
    """


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
    except OSError as error:
        return _fail(f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}")
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    click.echo(f"lrspec: {printable(' '.join(message.split()))}", err=True)
    return 2
