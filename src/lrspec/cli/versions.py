"""`lrspec versions`: what changes between two releases of a framework."""

from __future__ import annotations

from collections.abc import Iterator

import click

from lrspec.bindings.backend import Backend, backend_of
from lrspec.cli import options
from lrspec.errors import not_one_of
from lrspec.runtime.grafts import releases
from lrspec.spec.schedule import schedules
from lrspec.suite.changes import Changes, Side, between, changes, compared


@click.command("versions")
@click.argument("framework", metavar="FRAMEWORK")
@click.argument("schedule", required=False, metavar="[SCHEDULE]")
@click.option("--from", "start", metavar="VERSION", help="The release that you have.")
@click.option("--to", "end", metavar="VERSION", help="The release that you go to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: from, to, changes.")
def command(
    framework: str,
    schedule: str | None,
    start: str | None,
    end: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """List what changes between two releases of FRAMEWORK: the rates, and the errors.

    By default from the oldest release that is modeled to the newest. The hand-written and the
    published cases of the suite are predicted in both, by the framework's dialect; no framework is
    run. A change that was taken back between the two is not listed.
    """
    backend = backend_of(framework, "FRAMEWORK")
    if schedule is not None and schedule not in schedules():
        raise not_one_of("SCHEDULE", schedule, schedules())
    known = list(releases(backend)) or [backend.version]
    versions = between(backend, start or known[0], end or known[-1])
    chosen = [case for case in compared() if schedule in (None, case.recipe.kind)]
    found = changes(backend, versions, chosen)
    if as_json:
        document = {"schema_version": 1, "from": versions[0], "to": versions[-1]}
        options.print_json({**document, "changes": [change.to_dict() for change in found]})
        return 0
    what = f" of {schedule}" if schedule else ""
    count = f"{len(found)} change{'' if len(found) == 1 else 's'}"
    click.echo(f"{backend.title} {versions[0]} to {versions[-1]}: {count}{what}, as predicted")
    for change in found:
        click.echo("")
        for line in _lines(backend, change):
            click.echo(line)
    return 0


def _lines(backend: Backend, found: Changes) -> Iterator[str]:
    example = found.example
    outermost, *inner = example.classes
    of = f" of {', '.join(inner)}" if inner else ""
    runs = f"{found.runs} run{'' if found.runs == 1 else 's'}"
    yield f"{example.after.version}  {outermost}{of}: {', '.join(found.scenarios)} ({runs})"
    yield f"    example  {example.run.id}, from step {example.step:g}"
    for name, side in (("before", example.before), ("after ", example.after)):
        yield f"    {name}   {side.version:7} {_shown(side)}"
    for note in found.notes:
        yield f"    {note.change}"
        yield f"    Do: {note.do}"
        yield f"    {note.link}"
    if not found.notes:
        yield f"    What {backend.title} changed is not recorded."


def _shown(side: Side) -> str:
    rows = [", ".join(f"{rate:.6g}" for rate in row) for row in side.rates]
    error = [f"raises {side.error}"] if side.error else []
    return "; ".join([*rows, *error])
