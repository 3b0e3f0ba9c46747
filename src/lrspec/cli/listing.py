"""`lrspec list`: schedules, parameters, and the classes that each backend has for them."""

from __future__ import annotations

import json
from typing import Any

import click

from lrspec.cli import tables
from lrspec.frameworks.backend import Backend, backends
from lrspec.truth.schedule import Parameter, Schedule, schedules


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(as_json: bool) -> None:  # noqa: FBT001
    """Schedules, their parameters, and which backends have them."""
    if as_json:
        entries = [_entry(schedule) for schedule in schedules().values()]
        click.echo(json.dumps(entries, indent=1, ensure_ascii=False))
        return
    heads = ["schedule", "parameters", *(backend.title for backend in backends().values())]
    rows = [
        [
            schedule.kind,
            " ".join(map(_signature, schedule.parameters.values())),
            *(_cell(schedule, backend) for backend in backends().values()),
        ]
        for schedule in schedules().values()
    ]
    tables.show(heads, rows)


def _signature(parameter: Parameter) -> str:
    if parameter.default_formula is not None:
        return f"{parameter.name}={parameter.default_formula.text}"
    if parameter.default is not None:
        default = parameter.default
        return f"{parameter.name}={default:.4g}" if type(default) is float else _plain(parameter)
    return f"[{parameter.name}]" if parameter.optional else parameter.name


def _plain(parameter: Parameter) -> str:
    return f"{parameter.name}={json.dumps(parameter.default)}"


def _classes(schedule: Schedule, backend: Backend) -> list[str]:
    spellings = backend.binding(schedule.kind).get("spellings", ())
    found = [s["class"] if "class" in s else f"as {s['as']['schedule']}" for s in spellings]
    return list(dict.fromkeys(found))


def _reasons(schedule: Schedule, backend: Backend) -> list[str]:
    return [
        f"{entry['because']}" + (f" (where {entry['when']})" if "when" in entry else "")
        for entry in backend.binding(schedule.kind).get("cannot", ())
        if entry.get("mode", backend.name) == backend.name
    ]


def _never(schedule: Schedule, backend: Backend) -> bool:
    return any(
        "when" not in entry
        for entry in backend.binding(schedule.kind).get("cannot", ())
        if entry.get("mode", backend.name) == backend.name
    )


def _cell(schedule: Schedule, backend: Backend) -> str:
    if _never(schedule, backend):
        return "— " + _reasons(schedule, backend)[0]
    return ", ".join(_classes(schedule, backend))


def _entry(schedule: Schedule) -> dict[str, Any]:
    return {
        "schedule": schedule.kind,
        "summary": schedule.document["summary"],
        "parameters": [
            {"name": name, **schedule.document["parameters"][name]} for name in schedule.parameters
        ],
        "backends": {
            name: {
                "classes": [] if _never(schedule, backend) else _classes(schedule, backend),
                "cannot": _reasons(schedule, backend),
            }
            for name, backend in backends().items()
        },
    }
