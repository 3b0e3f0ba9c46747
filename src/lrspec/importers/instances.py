"""From a described scheduler to the call that would build it, recovered from its attributes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.bindings.attributes import GROUP, Attribute, Computed, Path
from lrspec.bindings.backend import Backend
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import Argument, Instance, LiveFunction, per_group_or_same
from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.importers.lineage import lineage
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe


class Absent(Exception):
    """An object has no attribute of the name in the text."""


class Instances:
    """A scheduler and those inside it, all on the same parameter groups.

    `notes` is what a person should know of them.
    """

    def __init__(self, backend: Backend, groups: Sequence[Mapping[str, Any]]) -> None:
        self.backend, self.groups = backend, groups
        self.notes: list[str] = []
        self._known: dict[int, Instance] = {}

    def of(self, description: Description, place: str = "$") -> Instance:
        """Return the described object; raises `BadInput` where its class is not readable."""
        if id(description) not in self._known:
            found = lineage(description, place)
            if isinstance(found, Recipe) or found[0].framework != self.backend.framework:
                raise BadInput(place, description["class"], f"a scheduler of {self.backend.title}")
            try:
                instance = self._instance(description, found[1], place)
            except Absent as absent:
                expected = f"an attribute {absent}, as in the versions that are read"
                raise BadInput(place, description["class"], expected) from absent
            self._known[id(description)] = instance
        return self._known[id(description)]

    def _instance(self, description: Description, name: str, place: str) -> Instance:
        framework = self.backend.bindings
        declared = framework.class_of(name)
        attributes = _Attributes(description, self, place)
        for limitation in declared.unsupported:
            if attributes.holds(limitation.when):
                expected = f"what is a schedule: {limitation.reason}"
                raise BadInput(place, description["class"], expected)
        names = {a for _, binding in framework.reading(name) for a in binding.arguments}
        arguments, missing = attributes.arguments({a: framework.attribute(name, a) for a in names})
        position = attributes.position(declared.position or framework.position)
        base_lr: tuple[float, ...] | None = None
        try:
            base_lr = attributes.rates(declared.base_lr or framework.base_lr)
        except Absent as absent:
            missing["base_lr"] = str(absent)
            if declared.current_lr is not None:
                base_lr = attributes.rates(declared.current_lr)
                if position:
                    lacks = f"{description['class']} does not keep the rate that it began with"
                    self.notes.append(f"{lacks}: base_lr is the one that it has now")
        return Instance(
            name,
            arguments,
            own_class=description["class"],
            place=place,
            missing=missing,
            groups=len(attributes.environments),
            base_lr=base_lr,
            position=position,
            state=attributes.arguments(declared.state)[0],
            base=self._instance(description, declared.read_as, place) if declared.read_as else None,
        )


class _Attributes:
    """The attributes of an object, as values of attribute formulas in each parameter group."""

    def __init__(self, description: Description, instances: Instances, place: str) -> None:
        held = sorted(description["held"].items(), reverse=True)  # a name without _ comes last
        plain = {name.lstrip("_"): item for name, item in held}
        self.environments = [{**plain, GROUP: options} for options in instances.groups or [{}]]
        self.instances, self.place = instances, place

    def arguments(
        self, named: Mapping[str, Attribute]
    ) -> tuple[dict[str, Argument], dict[str, str]]:
        """Return the arguments that are recovered, and the attributes that the others need."""
        found = {name: self._argument(attribute, name) for name, attribute in named.items()}
        return (
            {name: item for name, item in found.items() if not isinstance(item, Absent)},
            {name: str(item) for name, item in found.items() if isinstance(item, Absent)},
        )

    def holds(self, condition: Attribute | None) -> bool:
        """Tell whether *condition* holds, which it does not where an attribute is absent."""
        if condition is None:
            return True
        argument = self._argument(condition)
        return not isinstance(argument, Absent) and bool(argument)

    def position(self, attribute: Attribute | None) -> float:
        """Return the step at *attribute*, or that of the scheduler there; raises `Absent`."""
        position = per_group_or_same(self._values(attribute)) if attribute else 0
        if isinstance(position, Instance):
            return position.position
        if not isinstance(position, (int, float)):
            raise Absent("position")
        return int(position) if position == int(position) else float(position)

    def rates(self, attribute: Attribute | None) -> tuple[float, ...] | None:
        """Return the rate of each group, None where it is no number; raises `Absent`."""
        rates = self._values(attribute) if attribute else [None]
        return tuple(map(float, rates)) if all(map(_is_number, rates)) else None

    def _argument(self, attribute: Attribute, argument: str = "") -> Argument | Absent:
        try:
            return per_group_or_same(self._values(attribute, argument))
        except Absent as absent:
            return absent

    def _values(self, attribute: Attribute, argument: str = "") -> list[Any]:
        """Return the value of *argument* in each parameter group; raises `Absent`."""
        groups = range(len(self.environments))
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
        item: Any = self.environments[group].get(attribute)
        for key in keys:
            item = _item(item, group if key == GROUP and isinstance(item, list) else key)
        if item is None:
            raise Absent(path.place)
        return self._converted(item, f"{self.place}.{path.place}")

    def _converted(self, item: Any, place: str) -> Any:
        match item:
            case {"scheduler": description}:
                return self.instances.of(description, place)
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
    if isinstance(inner, Mapping):
        return inner.get(key)
    inside = isinstance(inner, list) and isinstance(key, int) and -len(inner) <= key < len(inner)
    return inner[key] if inside else None


def _is_number(number: object) -> bool:
    return isinstance(number, (int, float)) and not isinstance(number, bool)
