"""A described scheduler as an object of a framework's class: its arguments, from attributes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lrspec.bindings.attributes import GROUP, Attribute, Computed, Path
from lrspec.bindings.backend import Backend
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import per_group_or_same
from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.importers.lineage import has_own_rates, lineage
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe


class Absent(Exception):
    """A scheduler has no attribute of the name in the text."""


@dataclass(frozen=True)
class LiveFunction:
    """A function at *place* of a scheduler, as `worker/functions.py` describes it."""

    described: Mapping[str, Any]
    place: str


class Composition:
    """A scheduler and those inside it, on the same parameter groups.

    `recipes` are those read so far, `notes` what the user should know.
    """

    def __init__(self, backend: Backend, groups: Sequence[Mapping[str, Any]]) -> None:
        self.backend, self.groups = backend, groups or [{}]
        self.recipes: dict[LiveScheduler, Recipe] = {}
        self.notes: list[str] = []
        self._known: dict[int, LiveScheduler] = {}

    def scheduler(self, description: Description, place: str = "$") -> LiveScheduler:
        """Return the described scheduler; raises `BadInput` where its class is not readable."""
        if id(description) not in self._known:
            found = lineage(description, place)
            if isinstance(found, Recipe) or found[0].framework != self.backend.framework:
                raise BadInput(place, description["class"], f"a scheduler of {self.backend.title}")
            self._known[id(description)] = LiveScheduler(self, description, found[1], place)
        return self._known[id(description)]


class LiveScheduler:
    """The scheduler at *place* of a composition, as an object of the framework's class *name*.

    `position` is the step that it is at; `base` is the same scheduler as an object of a base class,
    for what no binding of its own class describes. Raises `BadInput` where it is not readable.
    """

    def __init__(
        self, composition: Composition, description: Description, name: str, place: str
    ) -> None:
        self.composition, self.description = composition, description
        self.name, self.place = name, place
        self.bindings = composition.backend.bindings
        self.declared = self.bindings.class_of(name)
        attributes = sorted(description["held"].items(), reverse=True)  # "_x" before "x"
        self._attributes = {attribute.lstrip("_"): item for attribute, item in attributes}
        for limitation in () if self.own_rates else self.declared.unsupported:
            if limitation.when is None or self._optional(limitation.when):
                raise self.error(f"what is a schedule: {limitation.reason}")
        for _, binding in () if self.own_rates else self.bindings.reading(name):
            for argument in binding.arguments:  # a scheduler in any of them must be readable
                self._optional(self.bindings.attribute(name, argument), argument)
        self.position = self._position()
        base = self.declared.read_as
        self.base = LiveScheduler(composition, description, base, place) if base else None

    @property
    def own_rates(self) -> Mapping[str, Any] | None:
        """A subclass's own `get_lr`, which sets the rates whatever the framework's class does."""
        return self.description["own_rates"] if has_own_rates(self.description) else None

    def error(self, expected: str) -> BadInput:
        """Return the error that this is not what is *expected*."""
        return BadInput(self.place, self.description["class"], expected)

    def argument(self, name: str) -> Any:
        """Return an argument of its constructor, `PerGroup` where it differs; raises `Absent`."""
        return per_group_or_same(self._values(self.bindings.attribute(self.name, name), name))

    def _position(self) -> float:
        attribute = self.declared.position or self.bindings.position
        position = self._optional(attribute) if attribute else 0
        if isinstance(position, LiveScheduler):
            return position.position
        if not isinstance(position, (int, float)):
            needed = attribute.place if attribute and position is None else "position"
            raise self.error(f"an attribute {needed}, as in the versions that are read")
        return int(position) if position == int(position) else float(position)

    @cached_property
    def base_lr(self) -> tuple[float, ...]:
        """The base rate of each group; raises `Absent`."""
        rates: list[Any] = []
        if attribute := self.declared.base_lr or self.bindings.base_lr:
            try:
                rates = self._values(attribute)
            except Absent:
                if self.declared.current_lr is None:
                    raise
                rates = self._values(self.declared.current_lr)
                if self.position:
                    lacks = f"{self.description['class']} does not keep the rate that it began with"
                    self.composition.notes.append(f"{lacks}: base_lr is the one that it has now")
        if not rates or not all(map(_is_number, rates)):
            raise Absent("base_lr")
        return tuple(map(float, rates))

    @property
    def state(self) -> dict[str, Any]:
        """The state of the schedule's state machine, without what is absent."""
        found = {name: self._optional(item) for name, item in self.declared.state.items()}
        return {name: item for name, item in found.items() if item is not None}

    def _optional(self, attribute: Attribute, argument: str = "") -> Any:
        with suppress(Absent):
            return per_group_or_same(self._values(attribute, argument))
        return None

    def _values(self, attribute: Attribute, argument: str = "") -> list[Any]:
        """Return the value of *argument* in each parameter group; raises `Absent`."""
        groups = range(len(self.composition.groups))
        return [self._value(attribute, argument, group) for group in groups]

    def _value(self, attribute: Attribute, argument: str, group: int) -> Any:
        stored = value(attribute.formula, self._names(attribute, group))
        if attribute.table is not None:
            if not isinstance(stored, str) or stored not in attribute.table:
                raise Absent(attribute.place)
            return attribute.table[stored]
        if attribute.computation is None:
            return stored
        known = self._names(attribute.computation, group, argument)
        solution = solve(attribute.computation.formula, argument, stored, known)
        if not math.isfinite(solution):
            raise Absent(attribute.place)
        return solution

    def _names(self, computed: Computed, group: int, unknown: str = "") -> dict[str, Any]:
        paths = computed.paths.items()
        return {name: self._at(path, group) for name, path in paths if name != unknown}

    def _at(self, path: Path, group: int) -> Any:
        attribute, *keys = path.keys
        in_group = self.composition.groups[group]
        item: Any = in_group if attribute == GROUP else self._attributes.get(str(attribute))
        for key in keys:
            item = _item(item, group if key == GROUP and isinstance(item, list) else key)
        if item is None:
            raise Absent(path.place)
        return self._converted(item, f"{self.place}.{path.place}")

    def _converted(self, item: Any, place: str) -> Any:
        match item:
            case {"scheduler": description}:
                return self.composition.scheduler(description, place)
            case {"function": described}:
                return LiveFunction(described, place)
            case {"float": text}:
                return float(text)
            case {"method": name} | {"object": name}:
                return name.lstrip("_")
            case list():
                return [self._converted(inner, f"{place}[{i}]") for i, inner in enumerate(item)]
        return item


def _item(container: Any, key: str | int) -> Any:
    """Return the item of a mapping or a list, None where there is none."""
    inner = container.get("dict", container) if isinstance(container, Mapping) else container
    if isinstance(inner, (Mapping, list)):
        with suppress(LookupError, TypeError):
            return inner[key]  # type: ignore[index]  # no index of a list: TypeError
    return None


def _is_number(number: object) -> bool:
    return isinstance(number, (int, float)) and not isinstance(number, bool)
