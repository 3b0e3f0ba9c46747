"""`lrspec list`: schedules, parameters, and the classes that each backend has for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from lrspec.bindings.backend import Backend, backends
from lrspec.bindings.document import Binding, Limitation
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
    bindings = (b for b in backend.bindings_of(schedule.kind).bindings if not b.read_only)
    return list(dict.fromkeys(_written_as(binding, backend) for binding in bindings))


def _written_as(binding: Binding, backend: Backend) -> str:
    if binding.as_ is not None:
        return f"as {binding.as_.kind}"
    name = binding.class_ or ""
    return f"by hand ({name})" if backend.bindings.class_of(name).defined_in else name


def _limitations(schedule: Schedule, backend: Backend) -> list[Limitation]:
    limitations = backend.bindings_of(schedule.kind).unsupported
    return [entry for entry in limitations if entry.mode in (None, backend.name)]


def _reasons(schedule: Schedule, backend: Backend) -> list[str]:
    return [
        entry.reason + (f" (where {entry.when.text})" if entry.when else "")
        for entry in _limitations(schedule, backend)
    ]


def _never(schedule: Schedule, backend: Backend) -> bool:
    return any(entry.always for entry in _limitations(schedule, backend))


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
                "unsupported": _reasons(schedule, backend),
            }
            for name, backend in backends().items()
        },
    }
