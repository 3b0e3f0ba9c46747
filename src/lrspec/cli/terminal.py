"""Tables, lines with a sign, and progress bars.

In a pipe, tables have one line per row, with tabs, and progress is a line now and then.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_WIDEST = 100
_SECONDS = 30  # between two lines of progress
#: Colors of signs, of the 256 that every terminal shows alike: legible on black and on white.
GOOD, BAD, CAUTION = 28, 160, 130
_CURVE = 31
_BLOCKS = re.compile("[▁-█](?:[ ▁-█]*[▁-█])?")


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with the column titles *heads*, folded to the width of the terminal.

    In a pipe it has a line per row, with tabs between the columns.
    """
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, head in enumerate(heads):
        least = max(map(len, head.splitlines()))
        table.add_column(head, overflow="fold", min_width=least, no_wrap=number == 0)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")


def terminal_width() -> int:
    """Return the width of the terminal, at most 100 characters; 80 in a pipe."""
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)


def signed(
    sign: str, text: str, width: int, color: int | None = None, *, head: str = "", dim: bool = False
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


def curved(line: str) -> str:
    """Return *line* of a text plot with its blocks in color."""
    return _BLOCKS.sub(lambda found: click.style(found[0], fg=_CURVE), line)


def print_paragraph(text: str, indent: str = "") -> None:
    """Print *text*, on a terminal in lines of its width, those after the first indented."""
    lines = wrapped(text, terminal_width(), indent) if sys.stdout.isatty() else [text]
    click.echo("\n".join(lines))


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Return *text* in lines of at most *width* characters, those after the first indented."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)


class _Progress:
    """How many of *total* runs are done, and the names that others wait for."""

    def __init__(self, total: int, waiting: Mapping[str, int]) -> None:
        self.total, self.done, self._left = total, 0, Counter(waiting)
        self._lock = threading.Lock()

    def advance(self, name: str = "") -> None:
        """Count a run of *name*."""
        with self._lock:
            self.done += 1
            self._left[name] -= 1

    @property
    def waiting(self) -> str:
        """The names that have runs left."""
        names = ", ".join(name for name, left in self._left.items() if left > 0)
        return f"waiting for {names}" if names else ""

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,} runs"


_current: list[_Progress] = []


def so_far() -> str:
    """Return how many runs are done of those in progress, an empty string if there are none."""
    return str(_current[-1]) if _current else ""


@contextmanager
def progress(total: int, waiting: Mapping[str, int] | None = None) -> Iterator[Callable[..., None]]:
    """Show on standard error how many of *total* runs are done; yield what counts one.

    It takes the name in *waiting*, the number of runs of each, that the run is of. On a terminal
    there is a bar, elsewhere a line every half a minute.
    """
    state = _Progress(total, waiting or {})
    _current.append(state)
    shown = _bar(state) if sys.stderr.isatty() else _lines(state)
    try:
        with shown as update:

            def advance(name: str = "") -> None:
                state.advance(name)
                update()

            yield advance
    finally:
        _current.remove(state)


@contextmanager
def _bar(state: _Progress) -> Iterator[Callable[[], None]]:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(state.waiting, total=state.total)
        yield lambda: bar.update(task, completed=state.done, description=state.waiting)


@contextmanager
def _lines(state: _Progress) -> Iterator[Callable[[], None]]:
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(_SECONDS):
            click.echo(", ".join(filter(None, [str(state), state.waiting])), err=True)

    threading.Thread(target=write, daemon=True).start()
    try:
        yield lambda: None
    finally:
        ended.set()
