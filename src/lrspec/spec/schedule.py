"""A schedule: one kind of curve, as declared by its file under `spec/schedules/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from lrspec import resources
from lrspec.errors import BadInput, unknown
from lrspec.spec.formula.compiler import Function, array, scalar
from lrspec.spec.formula.grammar import Formula, parse
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
    `rate`, which starts as the base rate. `input` names the parameter that holds the metrics.
    """

    input: str
    state: Mapping[str, Formula]
    step: tuple[tuple[str, Formula], ...]


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

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names that this schedule's compiled formulas take, in order."""
        return ("t", "base_lr", *self.valued)

    @cached_property
    def valued(self) -> tuple[str, ...]:
        """The names that a recipe gives a value: parameters except schedules, and flags."""
        plain = (p for p in self.parameters.values() if p.type not in ("schedule", "schedules"))
        names = tuple(parameter.name for parameter in plain)
        return (*names, *(flag for p in self.parameters.values() for flag in p.flags))

    @cached_property
    def closed_array(self) -> Function:
        """The closed form on NumPy arrays, as a function of `arguments`."""
        assert self.closed is not None  # noqa: S101 - only called for a schedule with a closed form
        return array(self.arguments, self.lets, self.closed)

    @cached_property
    def closed_scalar(self) -> Function:
        """The closed form on single numbers."""
        assert self.closed is not None  # noqa: S101
        return scalar(self.arguments, self.lets, self.closed)

    @cached_property
    def next_scalar(self) -> Function:
        """The recursive form on single numbers; its first argument is the rate at t − 1."""
        assert self.next is not None  # noqa: S101
        return scalar(("prev", *self.arguments), self.lets, self.next)

    @cached_property
    def momentum_array(self) -> Function:
        """The momentum on NumPy arrays."""
        assert self.momentum is not None  # noqa: S101
        return array(self.arguments, self.lets, self.momentum.closed)

    @cached_property
    def reads_base_lr(self) -> bool:
        """Whether the curve depends on the base rate."""
        formulas = [*self.lets.values(), *([self.closed] if self.closed else [])]
        read = any("base_lr" in formula.names for formula in formulas)
        return read or self.composition is not None or self.machine is not None


def load(path: Path) -> Schedule:
    """Return the schedule declared by the file at *path*; raises `BadInput` for a bad formula."""
    document = resources.read_json(path)
    try:
        return from_document(document)
    except BadInput as error:
        raise error.in_file(str(path.name)) from error


def from_document(document: Mapping[str, Any]) -> Schedule:
    """Return the schedule declared by *document*; raises `BadInput` for a bad formula."""
    parameters: dict[str, Parameter] = {}
    for name, entry in document["parameters"].items():
        parameters[name] = parse_parameter(name, entry, frozenset({"base_lr", *parameters}))
    read = _Formulas(parameters)
    names = frozenset({"t", "base_lr", *read.names})
    lets: dict[str, Formula] = {}
    for name, text in document.get("let", {}).items():
        lets[name] = read.formula(f"$.let.{name}", text, names | frozenset(lets))
    all_names = names | frozenset(lets)
    recursive = document.get("recursive") or {}
    return Schedule(
        kind=document["kind"],
        document=document,
        parameters=parameters,
        constraints=tuple(
            Constraint(
                read.formula(f"$.constraints[{i}]", c["formula"], names),
                c["parameter"],
                c["expected"],
            )
            for i, c in enumerate(document.get("constraints", []))
        ),
        lets=lets,
        closed=read.optional("$.closed", document.get("closed"), all_names),
        next=read.optional("$.recursive.next", recursive.get("next"), all_names | {"prev"}),
        next_when=read.optional("$.recursive.when", recursive.get("when"), names),
        scales_with_base=read.optional(
            "$.scales_with_base", document.get("scales_with_base"), read.names
        ),
        span=read.optional("$.span", document.get("span"), names),
        end=read.optional("$.end.at", document["end"]["at"], names),
        landmarks={
            n: read.formula(f"$.landmarks.{n}", entry["at"], names | {"horizon"})
            for n, entry in document.get("landmarks", {}).items()
        },
        composition=Composition(**document["composition"]) if "composition" in document else None,
        machine=read.machine(document.get("machine")),
        momentum=read.momentum(document.get("momentum"), all_names),
    )


class _Formulas:
    """Parses the formulas of one schedule, over the names of its parameters."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        functions = {name for name, p in parameters.items() if p.type == "formula"}
        flags = {flag for p in parameters.values() for flag in p.flags}
        self.names = frozenset({*parameters, *flags} - functions)
        self.functions = frozenset(functions)

    def formula(self, place: str, text: str, names: frozenset[str]) -> Formula:
        try:
            return parse(text, names, parameters=self.functions)
        except BadInput as error:
            raise error.under(place) from error

    def optional(self, place: str, text: str | None, names: frozenset[str]) -> Formula | None:
        return None if text is None else self.formula(place, text, names)

    def machine(self, entry: Mapping[str, Any] | None) -> StateMachine | None:
        if entry is None:
            return None
        names = self.names | {"base_lr", "inf"}
        state = {
            name: self.formula(f"$.machine.state.{name}", text, names)
            for name, text in entry["state"].items()
        }
        names |= {"metric", "rate", *state}
        step: list[tuple[str, Formula]] = []
        for i, (name, text) in enumerate(entry["step"]):
            step.append((name, self.formula(f"$.machine.step[{i}]", text, names)))
            names |= {name}
        return StateMachine(entry["input"], state, tuple(step))

    def momentum(self, entry: Mapping[str, Any] | None, names: frozenset[str]) -> Momentum | None:
        if entry is None:
            return None
        return Momentum(
            self.formula("$.momentum.closed", entry["closed"], names),
            self.formula("$.momentum.when", entry["when"], self.names),
        )


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
    raise unknown("$.schedule", "schedule", kind, known, f"expected one of {', '.join(known)}")
