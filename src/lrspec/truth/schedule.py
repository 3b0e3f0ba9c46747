"""A schedule: one kind of curve, as its file under `spec/schedules/` declares it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from lrspec import data
from lrspec.errors import BadInput
from lrspec.truth.compiled import Function, array, scalar
from lrspec.truth.formula import Formula, parse

#: The types a parameter may have, each as a JSON Schema.
TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer", "maximum": 2**53},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "formula": {"type": "string", "minLength": 1},
    "integers": {"type": "array", "maxItems": 10000, "items": {"type": "integer"}},
    "numbers": {"type": "array", "maxItems": 10000, "items": {"type": "number"}},
    "schedule": {"type": "object"},
    "schedules": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "object"}},
}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a schedule: its type, bounds, unit, meaning, and default if it has one.

    A default is a JSON value, or a formula over `base_lr` (`default_formula`).
    """

    name: str
    type: str
    unit: str
    meaning: str
    default: Any = None
    default_formula: Formula | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Tell whether a recipe must give this parameter."""
        return self.default is None and self.default_formula is None and not self.optional

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this parameter's values."""
        schema = {**TYPES[self.type], "description": self.meaning}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.type in ("integers", "numbers"):
            schema["items"] = {**schema["items"], **self.bounds}
        elif self.bounds:
            schema.update(self.bounds)
        if self.type == "numbers":
            schema["minItems"] = 1
        return schema


@dataclass(frozen=True)
class Constraint:
    """A condition over several parameters, and the parameter to name when it fails."""

    condition: Formula
    parameter: str
    expected: str


@dataclass(frozen=True)
class Schedule:
    """A kind of curve: its parameters and formulas, everything in its file."""

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
    composition: Mapping[str, Any] | None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names that this schedule's compiled formulas take, in order."""
        plain = (n for n, p in self.parameters.items() if p.type not in ("schedule", "schedules"))
        return ("t", "base_lr", *plain)

    @cached_property
    def closed_array(self) -> Function:
        """The closed form on NumPy arrays: t, base_lr, parameters → rates."""
        assert self.closed is not None  # noqa: S101 - a composition is never asked
        return array(self.arguments, self.lets, self.closed)

    @cached_property
    def closed_scalar(self) -> Function:
        """The closed form on single numbers."""
        assert self.closed is not None  # noqa: S101
        return scalar(self.arguments, self.lets, self.closed)

    @cached_property
    def next_scalar(self) -> Function:
        """The chainable form on single numbers, its first argument the rate at t − 1."""
        assert self.next is not None  # noqa: S101
        return scalar(("prev", *self.arguments), self.lets, self.next)

    @cached_property
    def reads_base_lr(self) -> bool:
        """Tell whether the curve depends on the base rate at all."""
        formulas = [*self.lets.values(), *([self.closed] if self.closed else [])]
        return self.composition is not None or any("base_lr" in f.names for f in formulas)


def load(path: Path) -> Schedule:
    """Return the schedule that the file at *path* declares; raises `BadInput` where it cannot."""
    document = data.read_json(path)
    try:
        return _from_document(document)
    except BadInput as error:
        raise error.in_file(str(path.name)) from error


def _from_document(document: Mapping[str, Any]) -> Schedule:
    parameters = {n: _parameter(n, p) for n, p in document["parameters"].items()}
    names = frozenset({"t", "base_lr", *parameters})
    lets: dict[str, Formula] = {}
    for name, text in document.get("let", {}).items():
        lets[name] = _formula(f"$.let.{name}", text, names | frozenset(lets))
    all_names = names | frozenset(lets)
    chainable = document.get("chainable") or {}
    return Schedule(
        kind=document["kind"],
        document=document,
        parameters=parameters,
        constraints=tuple(
            Constraint(
                _formula(f"$.constraints[{i}]", c["formula"], names), c["parameter"], c["expected"]
            )
            for i, c in enumerate(document.get("constraints", []))
        ),
        lets=lets,
        closed=_optional("$.closed", document.get("closed"), all_names),
        next=_optional("$.chainable.next", chainable.get("next"), all_names | {"prev"}),
        next_when=_optional("$.chainable.when", chainable.get("when"), names),
        scales_with_base=_optional(
            "$.scales_with_base", document.get("scales_with_base"), frozenset(parameters)
        ),
        span=_optional("$.span", document.get("span"), names),
        end=_optional("$.end.at", document["end"]["at"], names),
        landmarks={
            n: _formula(f"$.landmarks.{n}", entry["at"], names | {"horizon"})
            for n, entry in document.get("landmarks", {}).items()
        },
        composition=document.get("composition"),
    )


def _parameter(name: str, entry: Mapping[str, Any]) -> Parameter:
    default = entry.get("default_formula")
    return Parameter(
        name=name,
        type=entry["type"],
        unit=entry["unit"],
        meaning=entry["meaning"],
        default=entry.get("default"),
        default_formula=_optional(f"$.parameters.{name}", default, frozenset({"base_lr"})),
        optional=entry.get("optional", False),
        choices=tuple(entry.get("choices", ())),
        bounds={bound: entry[bound] for bound in _BOUNDS if bound in entry},
    )


def _formula(place: str, text: str, names: frozenset[str]) -> Formula:
    try:
        return parse(text, names)
    except BadInput as error:
        raise error.under(place) from error


def _optional(place: str, text: str | None, names: frozenset[str]) -> Formula | None:
    return None if text is None else _formula(place, text, names)


@cache
def schedules() -> Mapping[str, Schedule]:
    """Return every schedule of the specification by its kind, in alphabetical order."""
    folder = data.root() / "spec" / "schedules"
    return {path.stem: load(path) for path in sorted(folder.glob("*.json"))}


def schedule_of(kind: Any) -> Schedule:
    """Return the schedule called *kind*; raises `BadInput` that names the nearest ones."""
    known = schedules()
    if isinstance(kind, str) and kind in known:
        return known[kind]
    near = difflib.get_close_matches(str(kind)[:80], known, n=3, cutoff=0.5)
    raise BadInput("$.schedule", kind, f"one of {', '.join(near or known)}")
