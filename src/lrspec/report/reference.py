"""What a page says of one schedule: formulas, parameters, and each framework's arguments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lrspec.bindings.arguments import argument_of
from lrspec.bindings.backend import Backend, frameworks
from lrspec.bindings.document import EXPLICIT
from lrspec.dialect.dialect import dialect_of
from lrspec.report.mathml import mathml
from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import Schedule


@dataclass(frozen=True)
class FrameworkClass:
    """A framework's class for a schedule, "" if it has none, with its limits and departures.

    `arguments` maps parameters to the argument that takes each. `defaults` are those parameters
    whose default in the framework is not the specification's, each with its value there.
    """

    backend: Backend
    name: str
    arguments: dict[str, str]
    defaults: dict[str, str]
    limits: Sequence[str]
    departures: Sequence[str]


def formulas(schedule: Schedule) -> list[str]:
    """Return the schedule's formulas as MathML: its definitions, then the rate and the momentum."""
    shown = [mathml(name, formula) for name, formula in schedule.lets.items()]
    if schedule.closed is not None:
        shown.append(mathml("lr(t)", schedule.closed))
    if schedule.momentum is not None:
        shown.append(mathml("momentum(t)", schedule.momentum.closed))
    if schedule.machine is not None:
        shown += [mathml(name, formula) for name, formula in schedule.machine.step]
    return shown


def default_of(parameter: Parameter) -> str:
    """Return the default of *parameter* as text, "" if it is required."""
    if parameter.default_formula is not None:
        return parameter.default_formula.text
    if parameter.default is None:
        return ""
    value = parameter.default
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value)


def framework_classes(schedule: Schedule) -> list[FrameworkClass]:
    """Return what each framework has for *schedule*."""
    return [_class(schedule, backend) for backend in frameworks().values()]


def _class(schedule: Schedule, backend: Backend) -> FrameworkClass:
    declared = backend.bindings_of(schedule.kind)
    written = [b for b in declared.bindings if not b.read_only and b.class_]
    binding = next((b for b in written if b.argument_form == EXPLICIT), None)
    limits = [e.reason for e in declared.unsupported if e.mode in (None, backend.name)]
    name = binding.class_ if binding and binding.class_ else ""
    dialect = dialect_of(backend)
    return FrameworkClass(
        backend,
        name,
        {p: argument_of(binding.arguments, p) for p in schedule.parameters} if binding else {},
        {n: s.text for b in written for n, s in b.framework_defaults.items()},
        limits,
        dialect.by_class.get(name, ()) if dialect else (),
    )
