"""One schedule on a terminal: formula, parameters, rules, and what the frameworks make of it."""

from __future__ import annotations

import json
import re
import sys

import click

from lrspec.bindings.arguments import argument_of
from lrspec.bindings.backend import Backend, frameworks
from lrspec.bindings.document import EXPLICIT, Binding
from lrspec.cli.terminal import print_paragraph, print_table
from lrspec.dialect.dialect import dialect_of
from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import Schedule

_LONG_NAME = 16  # characters of a class


def print_schedule(schedule: Schedule) -> None:
    """Print all that is known of *schedule*."""
    document = schedule.document
    print_paragraph(f"{schedule.kind}: {document['summary']}")
    formulas = [*document.get("let", {}).items(), ("lr(t)", document.get("closed"))]
    click.echo()
    for name, text in formulas:
        if text:
            print_paragraph(f"    {name} = {text}", "        ")
    bound = [(backend, _binding(schedule, backend)) for backend in frameworks().values()]
    heads = [_head(backend, binding) for backend, binding in bound]
    rows = [
        [
            signature(parameter),
            parameter.meaning,
            *(argument_of(b.arguments, name) if b else "" for _, b in bound),
        ]
        for name, parameter in schedule.parameters.items()
    ]
    if rows:
        print_table(["parameter", "meaning", *heads], rows)
    for rule in document["rules"]:
        print_paragraph(f"{rule['id']}  {rule['text']}", "    ")
    for backend, binding in bound:
        for line in _notes(schedule, backend, binding):
            print_paragraph(f"{backend.title}: {line}", "  ")
    for source in document["source"]:
        place = ", ".join(filter(None, [source["title"], source["where"], source.get("url")]))
        defaults = ", ".join(source.get("defaults", ()))
        print_paragraph(f"Source: {place}" + f" (defaults of {defaults})" * bool(defaults), "  ")


def signature(parameter: Parameter) -> str:
    """Return the name of *parameter*, with its default if it has one."""
    default = parameter.default
    if parameter.default_formula is not None:
        text = parameter.default_formula.text
    elif default is not None:
        text = f"{default:.4g}" if isinstance(default, float) else json.dumps(default)
    else:
        return f"[{parameter.name}]" if parameter.optional else parameter.name
    return f"{parameter.name}={text}"


def _binding(schedule: Schedule, backend: Backend) -> Binding | None:
    """Return the first way to write *schedule* in a class of *backend*, None if there is none."""
    bindings = backend.bindings_of(schedule.kind).bindings
    written = (b for b in bindings if b.argument_form == EXPLICIT and not b.read_only)
    return next((binding for binding in written if binding.class_), None)


def _head(backend: Backend, binding: Binding | None) -> str:
    """Return the framework and the class below it, whose name is broken where it is long."""
    name = (binding.class_ if binding else None) or "—"
    if len(name) > _LONG_NAME and sys.stdout.isatty():
        name = re.sub("(?=(LR|Decay|WarmRestarts|WithWarmup)$)", "\n", name)
    return f"{backend.title}\n{name}"


def _notes(schedule: Schedule, backend: Backend, binding: Binding | None) -> list[str]:
    """Return what *backend* does not support, and where its class departs."""
    limitations = backend.bindings_of(schedule.kind).unsupported
    notes = [entry.reason for entry in limitations if entry.mode in (None, backend.name)]
    dialect = dialect_of(backend)
    ids = dialect.by_class.get(binding.class_ or "", ()) if dialect and binding else ()
    known = dialect.departures if dialect else {}
    return [*notes, *(f"{name}: {known[name].cause} {known[name].do}" for name in ids)]
