"""`lrspec list`: schedules, parameters, and the classes that each backend has for them."""

from __future__ import annotations

import sys
from typing import Any

import click

from lrspec.bindings.backend import Backend, backends
from lrspec.bindings.document import Binding
from lrspec.cli import options
from lrspec.cli.schedule_page import print_schedule, signature
from lrspec.cli.terminal import print_table, terminal_width, wrapped
from lrspec.spec.schedule import Schedule, schedule_of, schedules


@click.command("list", short_help="List schedules, parameters, and each framework's class.")
@click.argument("kind", required=False, metavar="[SCHEDULE]")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(kind: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List schedules, their parameters, and the class of each framework.

    With SCHEDULE, print its formula, its parameters with each framework's arguments, its rules, and
    where the frameworks' classes depart.
    """
    listed = list(schedules().values()) if kind is None else [schedule_of(kind)]
    if as_json:
        entries = [_entry(schedule) for schedule in listed]
        document = entries if kind is None else entries[0]
        options.print_json(document)
        return
    if kind is not None:
        print_schedule(listed[0])
        return
    frameworks: dict[str, list[Backend]] = {}
    for backend in backends().values():
        frameworks.setdefault(backend.framework, []).append(backend)
    heads = ["schedule", "parameters", *(modes[0].title for modes in frameworks.values())]
    rows = [
        [
            schedule.kind,
            " ".join(map(signature, schedule.parameters.values())),
            *(_cell(schedule, *modes) for modes in frameworks.values()),
        ]
        for schedule in schedules().values()
    ]
    if not sys.stdout.isatty():
        print_table(heads, rows)
        return
    for name, parameters, *cells in rows:  # too many columns for a terminal
        title = click.style(name, bold=True)
        first, *others = wrapped(f"{name}  {parameters}", terminal_width(), "    ")
        classes = "; ".join(map(": ".join, zip(heads[2:], cells, strict=True)))
        last = wrapped(f"  {classes}", terminal_width(), "    ")
        click.echo("\n".join([first.replace(name, title, 1), *others, *last]))


def _support(schedule: Schedule, backend: Backend) -> dict[str, list[str]]:
    """Return the classes that *backend* has for *schedule*, and what it does not support."""
    declared = backend.bindings_of(schedule.kind)
    limitations = [entry for entry in declared.unsupported if entry.mode in (None, backend.name)]
    bindings = [binding for binding in declared.bindings if not binding.read_only]
    classes = [_written_as(binding, backend) for binding in bindings]
    never = any(entry.always for entry in limitations)
    reasons = [
        entry.reason + (f" (where {entry.when.text})" if entry.when else "")
        for entry in limitations
    ]
    return {"classes": [] if never else list(dict.fromkeys(classes)), "unsupported": reasons}


def _written_as(binding: Binding, backend: Backend) -> str:
    if binding.as_ is not None:
        return f"as {binding.as_.kind}"
    name = binding.class_ or ""
    return f"by hand ({name})" if backend.bindings.class_of(name).defined_in else name


def _cell(schedule: Schedule, plain: Backend, *modes: Backend) -> str:
    """Return the classes of the framework, and which of its modes have none of them."""
    support = _support(schedule, plain)
    if not support["classes"]:
        return " ".join(["—", *support["unsupported"][:1]])
    without = [mode.name for mode in modes if not _support(schedule, mode)["classes"]]
    missing = f" (not in {', '.join(without)})" if without else ""
    return ", ".join(support["classes"]) + missing


def _entry(schedule: Schedule) -> dict[str, Any]:
    described = schedule.document["parameters"]
    return {
        "schedule": schedule.kind,
        "summary": schedule.document["summary"],
        "parameters": [{"name": name, **described[name]} for name in schedule.parameters],
        "backends": {name: _support(schedule, backend) for name, backend in backends().items()},
    }
