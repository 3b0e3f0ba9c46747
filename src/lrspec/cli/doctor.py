"""`lrspec doctor`: the interpreter and version of each backend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import click

from lrspec.bindings.backend import Backend, backends
from lrspec.cli import options
from lrspec.cli.terminal import print_table
from lrspec.errors import BackendAbsent
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker


@click.command("doctor")
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(pythons: dict[str, str], as_json: bool) -> int:  # noqa: FBT001
    """Show each backend's interpreter and version."""
    with ThreadPoolExecutor() as pool:
        entries = list(pool.map(partial(_examine, pythons), backends().values()))
    if as_json:
        options.print_json(entries)
    else:
        rows = [
            [e["backend"], e["version"] or "missing", e["found"] or "", e["python"] or e["why_not"]]
            for e in entries
        ]
        print_table(["backend", "version", "found by", "interpreter or reason"], rows)
    return 0 if all(entry["version"] for entry in entries) else 1


def _examine(pythons: dict[str, str], backend: Backend) -> dict[str, Any]:
    entry: dict[str, Any] = {"backend": backend.name, "title": backend.title}
    entry |= {"found": None, "python": None, "version": None, "why_not": None}
    try:
        path, entry["found"] = interpreter(backend, pythons)
        entry["python"] = path
        with Worker(backend, path) as worker:
            entry["version"] = worker.version()
    except BackendAbsent as reason:
        entry |= {"python": None, "why_not": str(reason)}
    return entry
