"""From a described scheduler to a recipe: its class's reading filled in, and held to its rates."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrspec.bindings.backend import Backend, packages
from lrspec.bindings.reading import Absent, Description, Differs, Filled, Names, names, same
from lrspec.errors import BadInput
from lrspec.importers import docstring
from lrspec.importers.lineage import lineage
from lrspec.importers.python_function.formula import formula_of
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules
from lrspec.worker import describe

Group = Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    """A recipe, with its position in `about` where it has one, and what a person should know."""

    recipe: Recipe
    notes: tuple[str, ...] = ()


def of_object(scheduler: Any) -> Read:
    """Return the recipe of a live scheduler, which is not stepped.

    Raises `BadInput` that says what cannot be read and why.
    """
    if isinstance(scheduler, type) or not describe.is_scheduler(scheduler):
        found = scheduler if isinstance(scheduler, type) else type(scheduler)
        raise BadInput("scheduler", found.__name__, "a scheduler, built")
    try:
        return of_description(describe.describe(scheduler, packages()))
    except BadInput as error:
        raise error.under("scheduler") from error


def of_description(description: Description) -> Read:
    """Return the recipe that `describe.describe` described.

    Raises `BadInput`, its place an attribute's under `$`.
    """
    line = lineage(description)
    if line.claim is not None:
        recipe, position = docstring.of_class(line.claim, description)
        machine = recipe.schedule.machine
        held = {name: description["held"].get(name) for name in machine.state} if machine else {}
        return Read(_placed(recipe, position, _state(held, description)))
    assert line.backend is not None  # noqa: S101 - only a claim has none
    read = _Reader(line.backend, description["groups"]).one(description, "$")
    document = dict(read.document)
    base = read.base
    if base is None and len(description["groups"]) > 1:
        base = [group.get("initial_lr", group["lr"]) for group in description["groups"]]
    if base is not None:
        document["base_lr"] = base if len(base) > 1 else base[0]
    recipe = from_dict(document)
    notes = list(read.notes)
    ahead = docstring.Ahead.of(description, read.position, read.state)
    departs = docstring.departure(recipe, ahead)
    if departs and read.checked:
        raise BadInput("$", f"{description['class']}: {departs}", f"no such rate: {read.checked}")
    if departs:
        notes.append(f"{description['class']} departs from the specification: {departs}")
    elif description["raised"]:
        step = read.position + len(description["ahead"])
        notes.append(f"{description['class']} raises {description['raised']} before step {step:g}")
    return Read(_placed(recipe, read.position, _state(read.state, description)), tuple(notes))


def _state(found: Mapping[str, Any], description: Description) -> dict[str, Any]:
    """Return what a run goes on with, and its rates; nothing where there is no such state."""
    if not found:
        return {}
    finite = {name: number for name, number in found.items() if _is_finite(number)}
    return {**finite, "rate": description["ahead"][0]}


def _placed(recipe: Recipe, position: float, state: Mapping[str, Any]) -> Recipe:
    """Return *recipe* with its position, and the state that a run goes on with, in `about`."""
    if not position:
        return recipe
    about = {"position": position, **({"state": dict(state)} if state else {})}
    return replace(recipe, about=about)


@dataclass(frozen=True)
class _One:
    """What was read of one scheduler; `base` is None where its curve reads no base rate."""

    document: Mapping[str, Any]
    base: list[float] | None
    position: float
    state: Mapping[str, Any] = field(default_factory=dict)
    checked: str = ""
    notes: tuple[str, ...] = ()


class _Reader:
    """Reads a scheduler and those inside it, all on the same parameter groups."""

    def __init__(self, backend: Backend, groups: Sequence[Group]) -> None:
        self.backend, self.groups = backend, groups

    def one(self, description: Description, place: str) -> _One:
        """Return what is read of *description*, by the first entry that fits it."""
        line = lineage(description, place)
        if line.backend is None or line.backend.framework != self.backend.framework:
            raise BadInput(place, description["class"], f"a scheduler of {self.backend.title}")
        reasons = [f"{line.name} as in the versions that are read"]
        for entry in line.entries:
            found = _Entry(self, entry, description, place).tried()
            if isinstance(found, _One):
                return found
            reasons.append(found or reasons[-1])
        raise BadInput(place, description["class"], reasons[-1])


class _Entry:
    """One entry of a class's reading, on one description."""

    def __init__(
        self, reader: _Reader, entry: Mapping[str, Any], description: Description, place: str
    ) -> None:
        self.reader, self.entry, self.description = reader, entry, description
        self.place = place
        self.members: dict[str, _One] = {}
        self.environments: list[Names] = names(description["held"], reader.groups)
        self.filled = Filled(self.environments, self._member, self._function)

    def tried(self) -> _One | str:
        """Return what this entry reads, or what it would need; nothing if it is not meant."""
        try:
            return self._read() or ""
        except Differs:
            return "the same parameters for all parameter groups"
        except Absent as name:
            return f"an attribute {name}, as in the versions that are read"

    def _read(self) -> _One | None:
        filled, entry = self.filled, self.entry
        if not filled.holds(entry):
            return None
        if "cannot" in entry:
            found = self.description["class"]
            raise BadInput(self.place, found, f"what is a schedule: {entry['cannot']}")
        position = self._position()
        base, notes = self._base(position)
        claim = self._claim(base)
        if claim is not None:
            document = {k: v for k, v in claim.to_dict().items() if k not in ("base_lr", "about")}
            base = self._base_of_claim(claim)
        else:
            document = self._document()
            base = base or self._base_of_members()
            self._check_bases(base)
        state = {name: same(filled.numbers(text)) for name, text in entry.get("state", {}).items()}
        notes += [note for member in self.members.values() for note in member.notes]
        return _One(document, base, position, state, entry.get("checked", ""), tuple(notes))

    def _member(self, description: Description, path: str) -> Any:
        self.members[path] = self.reader.one(description, f"{self.place}.{path}")
        return self.members[path].document

    def _function(self, functions: Sequence[Mapping[str, Any]], path: str) -> str:
        place = f"{self.place}.{path.removesuffix('.*')}"
        return str(same([formula_of(function, place) for function in functions]))

    def _claim(self, base: list[float] | None) -> Recipe | None:
        """Return the recipe that the function of a lambda schedule claims, if it claims one."""
        factor = self.entry["parameters"].get("factor")
        if self.entry["schedule"] != "lambda" or not isinstance(factor, Mapping):
            return None
        functions = self.filled.functions(factor["function"])
        place = f"{self.place}.{factor['function'].removesuffix('.*')}"
        factors = self.reader.backend.document["groups"] == "factors"
        return docstring.of_functions(functions, base, place, factors=factors)

    def _base_of_claim(self, claim: Recipe) -> list[float] | None:
        if claim.base_lr is None:
            return None
        return list(claim.base_lr) * (len(self.environments) if claim.single else 1)

    def _document(self) -> dict[str, Any]:
        """Return the recipe's object without its base rate."""
        document: dict[str, Any] = {"schedule": self.entry["schedule"]}
        parameters = schedules()[self.entry["schedule"]].parameters
        for part in (self.entry, *self.entry.get("also", ())):
            if part is self.entry or self.filled.holds(part):
                for name, item in part["parameters"].items():
                    found = self.filled.parameter(item)
                    whole = parameters[name].type in ("integer", "integers")
                    document[name] = _whole(found) if whole else found
        return document

    def _position(self) -> float:
        rule = self.entry.get("position", self.reader.backend.reading["position"])
        if isinstance(rule, Mapping):
            nested = self.filled.scheduler(rule["of"])
            return self.reader.one(nested, f"{self.place}.{rule['of']}").position
        found = same(self.filled.numbers(rule))
        return int(found) if found == int(found) else float(found)

    def _base(self, position: float) -> tuple[list[float] | None, list[str]]:
        """Return the base rate of each group, None if it is the members', and a note on it."""
        if not schedules()[self.entry["schedule"]].reads_base_lr:
            return None, []
        match self.entry.get("base_lr", self.reader.backend.reading["base_lr"]):
            case str() as text:
                return self._rates(text), []
            case {"path": path}:
                return list(map(float, self.filled.each(path))), []
            case {"first": text, "now": now}:
                with contextlib.suppress(Absent):
                    return self._rates(text), []
                words = f"{self.description['class']} does not keep the rate that it began with"
                note = f"{words}: base_lr is the one that it has now"
                return self._rates(now), [note] if position else []
        return None, []

    def _base_of_members(self) -> list[float] | None:
        """Return the base rate that the members agree on, or another where they read none."""
        rule = self.entry.get("base_lr")
        if not isinstance(rule, Mapping) or "members" not in rule:
            return None
        found = (member.base for member in self.members.values() if member.base is not None)
        return next(found, None) or self._rates(rule["members"])

    def _rates(self, text: str) -> list[float]:
        return list(map(float, self.filled.numbers(text)))

    def _check_bases(self, base: list[float] | None) -> None:
        for path, member in self.members.items():
            if member.base is not None and base is not None and member.base != base:
                inner, outer = (", ".join(map(repr, rates)) for rates in (member.base, base))
                expected = f"{outer}, that of the scheduler around it"
                raise BadInput(f"{self.place}.{path}", f"a base rate of {inner}", expected)


def _whole(found: Any) -> Any:
    if isinstance(found, list):
        return list(map(_whole, found))
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _is_finite(number: Any) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number)
