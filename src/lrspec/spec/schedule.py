"""A schedule: one kind of curve, as declared by its file under `spec/schedules/`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from lrspec import resources
from lrspec.errors import BadInput, of_form, under, unknown
from lrspec.spec.formula import nodes
from lrspec.spec.formula.compiler import Assignments, Function, compile_formulas
from lrspec.spec.formula.functions import Table
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.other_names import meant_schedules
from lrspec.spec.parameter import Parameter, parse_parameter


@dataclass(frozen=True)
class Composition:
    """How the members of a schedule share time; `engine.timeline` evaluates it.

    The schema of schedules describes the kinds. `starts`, `time` and `stride` name parameters.
    """

    kind: Literal["segments", "chain", "epochs"]
    starts: str = ""
    time: str = ""
    stride: str = ""


@dataclass(frozen=True)
class Constraint:
    """A condition over several parameters, and the parameter to name when it fails."""

    condition: Formula
    parameter: str
    expected: str


@dataclass(frozen=True)
class StateMachine:
    """The state of a schedule whose rate depends on all earlier steps, and how it changes.

    `state` gives each name its first value. After each update the assignments of `step` are
    executed in order, with that update's metric as `metric`; they assign states, temporaries and
    `rate`, which starts as the base rate; `result` is the tuple of the rate and the states.
    `input` names the parameter that holds the metrics.
    """

    input: str
    state: Mapping[str, Formula]
    step: Assignments
    result: Formula


@dataclass(frozen=True)
class Momentum:
    """The momentum that a schedule sets along with the rate, if the condition `when` holds."""

    closed: Formula
    when: Formula


@dataclass(frozen=True)
class Schedule:
    """A kind of curve: its parameters, formulas and composition; `document` is its whole file.

    `closed` is the closed form over t, the base rate, the parameters and `lets`; `next` the
    recursive form, over these and the previous rate `prev`, which exists if `next_when` holds.
    """

    kind: str
    document: Mapping[str, Any]
    parameters: Mapping[str, Parameter]
    constraints: tuple[Constraint, ...]
    lets: Mapping[str, Formula]
    closed: Formula | None
    next: Formula | None
    next_when: Formula | None
    scales_with_base: Formula | None
    span: Formula | None
    end: Formula | None
    landmarks: Mapping[str, Formula]
    composition: Composition | None
    machine: StateMachine | None
    momentum: Momentum | None

    @cached_property
    def valued(self) -> tuple[str, ...]:
        """The names that a recipe gives a value: parameters except schedules, and flags."""
        plain = [name for name, p in self.parameters.items() if not p.nests]
        return (*plain, *(flag for p in self.parameters.values() for flag in p.flags))

    def compiled(self, formula: Formula, table: Table, *before: str) -> Function:
        """Return a formula of this schedule as a function of *before*, t, base_lr and `valued`."""
        arguments = (*before, "t", "base_lr", *self.valued)
        return compile_formulas(arguments, tuple(self.lets.items()), formula, table)

    @cached_property
    def reads_base_lr(self) -> bool:
        """Whether the curve depends on the base rate."""
        formulas = (*self.lets.values(), self.closed)
        read = any("base_lr" in formula.names for formula in formulas if formula)
        return read or self.composition is not None or self.machine is not None


def load(path: Path) -> Schedule:
    """Return the schedule declared by the file at *path*; raises `BadInput` for a bad formula."""
    try:
        return from_document(resources.read_json(path))
    except BadInput as error:
        raise error.in_file(path.name) from error


def from_document(document: Mapping[str, Any]) -> Schedule:
    """Return the schedule declared by *document*; raises `BadInput` for what is none."""
    with of_form("a schedule, as spec/schema/schedule.schema.json describes it"):
        return _schedule(document)


def _schedule(document: Mapping[str, Any]) -> Schedule:
    parameters: dict[str, Parameter] = {}
    for name, entry in document["parameters"].items():
        parameters[name] = parse_parameter(name, entry, frozenset({"base_lr", *parameters}))
    read = _Formulas(document, parameters)
    lets: dict[str, Formula] = {}
    for name in document.get("let", {}):
        lets[name] = read.formula(f"let.{name}", "t", "base_lr", *lets)
    closed_names = ("t", "base_lr", *lets)
    constraints = document.get("constraints", [])
    return Schedule(
        kind=document["kind"],
        document=document,
        parameters=parameters,
        constraints=tuple(
            Constraint(
                read.formula(f"constraints.{index}.formula", "t", "base_lr"),
                entry["parameter"],
                entry["expected"],
            )
            for index, entry in enumerate(constraints)
        ),
        lets=lets,
        closed=read.optional("closed", *closed_names),
        next=read.optional("recursive.next", *closed_names, "prev"),
        next_when=read.optional("recursive.when", "t", "base_lr"),
        scales_with_base=read.optional("scales_with_base"),
        span=read.optional("span", "t", "base_lr"),
        end=read.optional("end.at", "t", "base_lr"),
        landmarks={
            name: read.formula(f"landmarks.{name}.at", "t", "base_lr", "horizon")
            for name in document.get("landmarks", {})
        },
        composition=Composition(**document["composition"]) if "composition" in document else None,
        machine=_machine(document["machine"], read) if "machine" in document else None,
        momentum=Momentum(
            read.formula("momentum.closed", *closed_names), read.formula("momentum.when")
        )
        if "momentum" in document
        else None,
    )


class _Formulas:
    """Parses the formulas of one schedule, over the names of its parameters and a few others."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> None:
        self.document = document
        self.functions = frozenset(name for name, p in parameters.items() if p.type == "formula")
        flags = {flag for p in parameters.values() for flag in p.flags}
        self.names = frozenset({*parameters, *flags} - self.functions)

    def optional(self, path: str, *names: str) -> Formula | None:
        """Return the formula at *path*, `recursive.next`; None if there is none."""
        entry: Any = self.document
        for key in path.split("."):
            entry = entry[int(key)] if isinstance(entry, list) else (entry or {}).get(key)
        if entry is None:
            return None
        with under(re.sub(r"\.(\d+)", r"[\1]", f"$.{path}")):
            return parse(entry, self.names.union(names), parameters=self.functions)

    def formula(self, path: str, *names: str) -> Formula:
        """Return the formula at *path*."""
        formula = self.optional(path, *names)
        assert formula is not None  # noqa: S101 - the schema requires it
        return formula


def _machine(entry: Mapping[str, Any], read: _Formulas) -> StateMachine:
    state = {n: read.formula(f"machine.state.{n}", "base_lr", "inf") for n in entry["state"]}
    names = ["base_lr", "inf", "metric", "rate", *state]
    step: list[tuple[str, Formula]] = []
    for index, (target, _) in enumerate(entry["step"]):
        step.append((target, read.formula(f"machine.step.{index}.1", *names)))
        names.append(target)
    results = ["rate", *state]
    returned = ast.Tuple([nodes.name(result) for result in results], ast.Load())
    result = Formula(", ".join(results), returned, frozenset(results))
    return StateMachine(entry["input"], state, tuple(step), result)


@cache
def schedules() -> Mapping[str, Schedule]:
    """Return the schedules of the specification by kind, in alphabetical order."""
    folder = resources.root() / "spec" / "schedules"
    return {path.stem: load(path) for path in sorted(folder.glob("*.json"))}


def schedule_of(kind: Any) -> Schedule:
    """Return the schedule called *kind*; raises `BadInput` that lists similar names."""
    known = schedules()
    if isinstance(kind, str) and kind in known:
        return known[kind]
    meant = meant_schedules(kind, known) if isinstance(kind, str) else []
    allowed = f"expected one of {', '.join(known)}"
    raise unknown("$.schedule", "schedule", kind, known, allowed, meant)
