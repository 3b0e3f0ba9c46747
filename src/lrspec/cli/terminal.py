"""Tables, lines with a sign, and progress bars.

In a pipe, tables have one line per row, and there is no bar.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH = 10_000
_WIDEST = 100
#: Colors of signs.
GOOD, BAD, CAUTION = "green", "red", "yellow"


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with the column titles *heads*, folded to the width of the terminal."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")


def terminal_width() -> int:
    """Return the width of the terminal, at most 100 characters; 80 in a pipe."""
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)


def signed(
    sign: str, text: str, width: int, color: str = "", *, head: str = "", dim: bool = False
) -> Iterator[str]:
    """Yield *head*, in bold, and *text* in lines, the first after a colored *sign*."""
    first, *others = wrapped(" ".join(filter(None, [sign, head, text])), width, "  ")
    if dim:
        yield from (click.style(line, dim=True) for line in (first, *others))
        return
    rest = first[len(sign) :]
    if head:
        rest = rest.replace(head, click.style(head, bold=True), 1)
    yield (click.style(sign, fg=color, bold=True) if color else sign) + rest
    yield from others


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Return *text* in lines of at most *width* characters, those after the first indented."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar of *total* runs on standard error; yield a function to call after each run."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
