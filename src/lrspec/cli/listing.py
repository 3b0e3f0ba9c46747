"""`lrspec list`: schedules, parameters, and the classes that each backend has for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from lrspec.bindings.backend import Backend, backends
from lrspec.cli import tables
from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import Schedule, schedules


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(as_json: bool) -> None:  # noqa: FBT001
    """Schedules, their parameters, and which backends have them."""
    if as_json:
        entries = [_entry(schedule) for schedule in schedules().values()]
        click.echo(json.dumps(entries, indent=1, ensure_ascii=False))
        return
    frameworks: dict[str, list[Backend]] = {}
    for backend in backends().values():
        frameworks.setdefault(backend.framework, []).append(backend)
    heads = ["schedule", "parameters", *(modes[0].title for modes in frameworks.values())]
    rows = [
        [
            schedule.kind,
            " ".join(map(_signature, schedule.parameters.values())),
            *(_cell(schedule, modes) for modes in frameworks.values()),
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
    argument_forms = backend.binding(schedule.kind).get("argument_forms", ())
    return list(dict.fromkeys(map(_said, argument_forms)))


def _said(argument_form: Mapping[str, Any]) -> str:
    if "as" in argument_form:
        return f"as {argument_form['as']['schedule']}"
    return (
        f"by hand ({argument_form['class']})"
        if "define" in argument_form
        else str(argument_form["class"])
    )


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


def _cell(schedule: Schedule, modes: Sequence[Backend]) -> str:
    """Return the classes of the framework, and which of its modes have none of them."""
    first, *others = modes
    if _never(schedule, first):
        return "— " + _reasons(schedule, first)[0]
    without = [mode.name for mode in others if _never(schedule, mode)]
    missing = f" (not in {', '.join(without)})" if without else ""
    return ", ".join(_classes(schedule, first)) + missing


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
