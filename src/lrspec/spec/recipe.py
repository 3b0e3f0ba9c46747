"""A recipe: a schedule with its numbers, as a user writes it. Recipes nest."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.errors import BadInput, missing
from lrspec.json_input import parse_json, read_bytes
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.functions import ELEMENTARY
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import Schedule, schedule_of
from lrspec.spec.validation import validate

_DEEPEST = 32
_T = frozenset({"t"})


@dataclass(frozen=True)
class Recipe:
    """A schedule, the parameters that were given, and the base rates, one a parameter group.

    `given` holds JSON values, nested schedules as recipes of their own. A nested recipe has no
    base rates. `about` is free text about a published recipe; it plays no part in the curve.
    A step is one update, but in a recipe that `units.in_epochs` made: there it is so many.
    """

    schedule: Schedule
    given: Mapping[str, Any]
    base_lr: tuple[float, ...] | None
    single: bool = True
    about: Mapping[str, Any] | None = None
    updates_per_step: int = field(default=1, compare=False)

    @property
    def kind(self) -> str:
        """The name of the schedule."""
        return self.schedule.kind

    @property
    def bases(self) -> tuple[float, ...]:
        """The base rates, one a parameter group; 1 where the curve reads none and none is given."""
        return self.base_lr or (1.0,)

    @property
    def position(self) -> float:
        """The step that a scheduler was at when the recipe was read of it, 0 if it was at none."""
        found = (self.about or {}).get("position", 0)
        is_step = isinstance(found, (int, float)) and not isinstance(found, bool)
        return found if is_step and 0 < found < math.inf else 0

    def values(self, base_lr: Any) -> dict[str, Any]:
        """Return every parameter but the nested schedules, defaults filled in for *base_lr*.

        With them, for each choice whether it was made, as `<parameter>_is_<choice>`.
        """
        return self._values(base_lr) if self._reads_base_lr else dict(self._fixed)

    @cached_property
    def _fixed(self) -> dict[str, Any]:
        """The values where none is taken from the base rate, worked out once."""
        return self._values(None)

    def _values(self, base_lr: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, parameter in self.schedule.parameters.items():
            if parameter.type not in ("schedule", "schedules"):
                found[name] = self._value(parameter, base_lr, found)
        for name, parameter in self.schedule.parameters.items():
            for flag, choice in zip(parameter.flags, parameter.choices, strict=True):
                found[flag] = found[name] == choice
        return found

    def _value(self, parameter: Parameter, base_lr: Any, before: Mapping[str, Any]) -> Any:
        if parameter.name in self.given:
            found = self.given[parameter.name]
            return _whole(found) if parameter.unit == "steps" else found
        if parameter.default_formula is not None:
            return value(parameter.default_formula, {**before, "base_lr": base_lr})
        default = parameter.default
        return tuple(default) if isinstance(default, list) else default

    def formulas(self) -> dict[str, Formula]:
        """Return the formula parameters, each a formula in t."""
        return {
            name: parse(self.given.get(name, parameter.default), _T, ELEMENTARY, condition=False)
            for name, parameter in self.schedule.parameters.items()
            if parameter.type == "formula"
        }

    def defaults_read_base_lr(self) -> bool:
        """Tell whether a parameter that was not given takes its value from the base rate."""
        return self._reads_base_lr

    @cached_property
    def _reads_base_lr(self) -> bool:
        parameters = self.schedule.parameters.items()
        return any(p.follows_base_lr and n not in self.given for n, p in parameters)

    def members(self) -> tuple[Recipe, ...]:
        """Return the nested recipes, in their order."""
        found: list[Recipe] = []
        for given in self.given.values():
            if isinstance(given, Recipe):
                found.append(given)
            elif isinstance(given, tuple) and given and isinstance(given[0], Recipe):
                found.extend(given)
        return tuple(found)

    def starts(self) -> list[int]:
        """Return the first step of each part of a composition in time, nothing for any other.

        A warmup's own line is its first part.
        """
        composition = self.schedule.composition or {}
        values = self.values(1.0)
        if "starts" in composition:
            return [0, *map(int, values[composition["starts"]])]
        return [0, int(values[composition["until"]])] if "until" in composition else []

    def held(self) -> int:
        """Return for how many steps each rate of the member is held; 1 for what holds none."""
        composition = self.schedule.composition or {}
        return int(self.values(1.0)[composition["for"]]) if "for" in composition else 1

    def scales_with_base(self) -> bool:
        """Tell whether a multiple of the base rate gives the same multiple of the whole curve."""
        schedule = self.schedule
        absolute = any(
            p.follows_base_lr and n in self.given for n, p in schedule.parameters.items()
        )
        condition = schedule.scales_with_base
        here = condition is None or bool(value(condition, self.values(1.0)))
        return here and not absolute and all(member.scales_with_base() for member in self.members())

    def moves_momentum(self) -> bool:
        """Tell whether the schedule moves the momentum beside the rate."""
        momentum = self.schedule.momentum
        return momentum is not None and bool(value(momentum.when, self.values(1.0)))

    def with_base(self, *base_lr: float) -> Recipe:
        """Return the same recipe for other base rates, one a parameter group."""
        return replace(self, base_lr=base_lr, single=len(base_lr) == 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that this recipe was read from."""
        document: dict[str, Any] = {"about": dict(self.about)} if self.about is not None else {}
        document["schedule"] = self.kind
        if self.base_lr is not None:
            document["base_lr"] = self.base_lr[0] if self.single else list(self.base_lr)
        for name, given in self.given.items():
            document[name] = _plain(given)
        return document


def _whole(found: Any) -> Any:
    """Return whole numbers of steps as integers, however they are spelled."""
    if isinstance(found, tuple):
        return tuple(map(_whole, found))
    return int(found) if found == int(found) else found


def _plain(given: Any) -> Any:
    if isinstance(given, Recipe):
        return given.to_dict()
    return [_plain(item) for item in given] if isinstance(given, tuple) else given


def load(source: str | Path | Mapping[str, Any]) -> Recipe:
    """Return the recipe at *source*: a dictionary, a file, `-`, or a published recipe's name.

    Raises `BadInput`, its file and JSON path named, for anything that is not a recipe.
    """
    if isinstance(source, Mapping):
        return from_dict(source)
    path, name = _locate(source)
    try:
        expected = "a file or the name of a published recipe"
        return from_dict(parse_json(read_bytes(path, expected)))
    except BadInput as error:
        raise error.in_file(name) from error


def _locate(source: str | Path) -> tuple[Path | None, str]:
    if str(source) == "-":
        return None, "standard input"
    path = Path(source)
    published = resources.root() / "spec" / "recipes" / f"{source}.json"
    with contextlib.suppress(OSError, ValueError):  # such a path is refused where it is read
        if not path.exists() and path.name == str(source) and published.exists():
            return published, str(source)
    return path, str(source)


def from_dict(document: Any) -> Recipe:
    """Return *document* as a recipe; raises `BadInput` with the JSON path of what is wrong."""
    _check_depth(document)
    return _recipe(document, "$", outermost=True)


def _check_depth(document: Any) -> None:
    waiting = [(document, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BadInput("$", "deeper nesting", f"at most {_DEEPEST} levels of schedules")
        if isinstance(found, Mapping):
            waiting.extend((inner, depth + 1) for inner in found.values())
        elif isinstance(found, list):
            waiting.extend((inner, depth) for inner in found if isinstance(inner, (Mapping, list)))


def _recipe(document: Any, place: str, *, outermost: bool = False) -> Recipe:
    if not isinstance(document, Mapping):
        raise BadInput(place, document, "an object with a schedule and its parameters")
    if "schedule" not in document:
        raise missing(place, "schedule", "the kind of curve, such as cosine_annealing")
    try:
        return _checked(document, outermost=outermost)
    except BadInput as error:
        raise error.under(place) if place != "$" else error from error


def _checked(document: Mapping[str, Any], *, outermost: bool) -> Recipe:
    schedule = schedule_of(document["schedule"])
    if not outermost and not schedule.document.get("nests", True):
        raise BadInput("$.schedule", schedule.kind, "a schedule that can be part of another")
    validate(document, schedule, outermost=outermost)
    given: dict[str, Any] = {}
    for name, found in document.items():
        if name in schedule.parameters:
            given[name] = _given(schedule.parameters[name], found)
    base = document.get("base_lr")
    single = not isinstance(base, list)
    bases = None if base is None else tuple(map(float, [base] if single else base))
    recipe = Recipe(schedule, given, bases, single, document.get("about"))
    for constraint in schedule.constraints:
        lengths = {**recipe.values(1.0), **given}
        if not value(constraint.condition, lengths):
            found = document[constraint.parameter]
            raise BadInput(f"$.{constraint.parameter}", found, constraint.expected)
    return recipe


def _given(parameter: Parameter, found: Any) -> Any:
    place = f"$.{parameter.name}"
    if parameter.type == "schedule":
        return _recipe(found, place)
    if parameter.type == "schedules":
        return tuple(_recipe(item, f"{place}[{i}]") for i, item in enumerate(found))
    if parameter.type == "formula":
        try:
            parse(found, _T, ELEMENTARY, condition=False)
        except BadInput as error:
            raise error.under(place) from error
    return tuple(found) if isinstance(found, list) else found
