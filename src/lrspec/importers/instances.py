"""From a described scheduler to the call that would build it, recovered from its attributes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lrspec.bindings.attributes import GROUP, Attribute, Computed, Equation, Lookup, Path
from lrspec.bindings.backend import Backend
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import Argument, Instance, LiveFunction, PerGroup, per_group_or_same
from lrspec.errors import BadInput
from lrspec.importers.lineage import Description, lineage
from lrspec.spec.formula.compiler import value


class Absent(Exception):
    """The object keeps nothing under a name that is needed."""


class Instances:
    """Finds the calls of a scheduler and of those inside it, all on the same parameter groups."""

    def __init__(self, backend: Backend, groups: Sequence[Mapping[str, Any]]) -> None:
        self.backend, self.groups = backend, groups
        self._known: dict[int, Instance] = {}

    def of(self, description: Description, place: str = "$") -> Instance:
        """Return the call of *description*; raises `BadInput` where its class is not readable."""
        known = self._known.get(id(description))
        if known is not None:
            return known
        line = lineage(description, place)
        if line.backend is None or line.backend.framework != self.backend.framework:
            raise BadInput(place, description["class"], f"a scheduler of {self.backend.title}")
        try:
            instance = self._known[id(description)] = self._instance(description, line.name, place)
        except Absent as absent:
            expected = f"an attribute {absent}, as in the versions that are read"
            raise BadInput(place, description["class"], expected) from absent
        return instance

    def _instance(self, description: Description, name: str, place: str) -> Instance:
        every = self.backend.bindings
        declared = every.class_of(name)
        attributes = _Attributes(description, self.groups, self, place)
        for limitation in declared.unsupported:
            if attributes.holds(limitation.when):
                expected = f"what is a schedule: {limitation.reason}"
                raise BadInput(place, description["class"], expected)
        names = {a for _, binding in every.reading(name) for a in binding.arguments}
        arguments: dict[str, Argument] = {}
        missing: dict[str, str] = {}
        for argument in names:
            recovered = attributes.recovered(every.attribute(name, argument), argument)
            if isinstance(recovered, Absent):
                missing[argument] = str(recovered)
            else:
                arguments[argument] = recovered
        position = self._position(attributes, declared.position or every.position)
        base_lr: tuple[float, ...] | None = None
        notes: tuple[str, ...] = ()
        try:
            base_lr = attributes.rates(declared.base_lr or every.base_lr)
        except Absent as absent:
            missing["base_lr"] = str(absent)
            if declared.current_lr is not None:
                base_lr = attributes.rates(declared.current_lr)
                words = f"{description['class']} does not keep the rate that it began with"
                notes = (f"{words}: base_lr is the one that it has now",) if position else ()
        return Instance(
            name,
            arguments,
            own_class=description["class"],
            place=place,
            missing=missing,
            groups=len(attributes.environments),
            base_lr=base_lr,
            position=position,
            state=attributes.present(declared.state),
            notes=notes,
            base=self._instance(description, declared.read_as, place) if declared.read_as else None,
        )

    def _position(self, attributes: _Attributes, rule: Attribute | None) -> float:
        position = attributes.argument(rule, "position") if rule else 0
        if isinstance(position, Instance):
            return position.position
        if not isinstance(position, (int, float)):
            raise Absent("position")
        return int(position) if position == int(position) else float(position)


class _Attributes:
    """What an object holds, as the values of attribute formulas."""

    def __init__(
        self,
        description: Description,
        groups: Sequence[Mapping[str, Any]],
        instances: Instances,
        place: str,
    ) -> None:
        held = sorted(description["held"].items(), reverse=True)  # a name without _ comes last
        plain = {name.lstrip("_"): item for name, item in held}
        self.environments = [{**plain, GROUP: options} for options in groups or [{}]]
        self.instances, self.place = instances, place

    def argument(self, attribute: Attribute, argument: str) -> Argument:
        """Return the argument that *attribute* recovers; raises `Absent`."""
        match attribute:
            case Path():
                raw = [self._at(attribute, index) for index in range(len(self.environments))]
                if all(item == raw[0] for item in raw):
                    return self._converted(raw[0], f"{self.place}.{attribute.place}")
                where = f"{self.place}.{attribute.place}"
                return PerGroup(self._converted(item, where) for item in raw)
            case Lookup(path, values):
                name = self.argument(path, argument)
                if not isinstance(name, str) or name not in values:
                    raise Absent(path.place)
                constant: Argument = values[name]
                return constant
            case Computed():
                return per_group_or_same(list(self._values(attribute)))
            case Equation(kept, computation):
                return per_group_or_same(self._solved(kept, computation, argument))
        raise TypeError(attribute)

    def recovered(self, attribute: Attribute, argument: str) -> Argument | Absent:
        """Return the argument that *attribute* recovers, or what is absent."""
        try:
            return self.argument(attribute, argument)
        except Absent as absent:
            return absent

    def present(self, named: Mapping[str, Attribute]) -> dict[str, Argument]:
        """Return what *named* recovers, without what is absent, as the best of no metrics is."""
        recovered = {name: self.recovered(attribute, name) for name, attribute in named.items()}
        return {name: item for name, item in recovered.items() if not isinstance(item, Absent)}

    def holds(self, condition: Attribute | None) -> bool:
        """Tell whether *condition* holds, in every parameter group; not where a name is absent."""
        try:
            return condition is None or bool(self.argument(condition, ""))
        except Absent:
            return False

    def rates(self, attribute: Attribute | None) -> tuple[float, ...] | None:
        """Return the rate that each parameter group has there, None where it is no number."""
        if attribute is None:
            return None
        rates = self.argument(attribute, "")
        every = rates if isinstance(rates, PerGroup) else [rates] * len(self.environments)
        return tuple(map(float, every)) if all(map(_is_number, every)) else None

    def _solved(self, kept: Computed, computation: Computed, argument: str) -> list[float]:
        solutions = []
        for index, result in enumerate(self._values(kept)):
            known = {
                name: self._number(path, index)
                for name, path in computation.paths.items()
                if name != argument
            }
            solution = solve(computation.formula, argument, result, known)
            if not math.isfinite(solution):
                raise Absent(next(iter(kept.paths.values())).place)
            solutions.append(solution)
        return solutions

    def _values(self, computed: Computed) -> Iterator[Any]:
        for index in range(len(self.environments)):
            names = {name: self._number(path, index) for name, path in computed.paths.items()}
            yield value(computed.formula, names)

    def _number(self, path: Path, index: int) -> Any:
        return _plain(self._at(path, index))

    def _at(self, path: Path, index: int) -> Any:
        item: Any = self.environments[index].get(path.name)
        for part in path.keys:
            item = _item(item, index if part == GROUP and isinstance(item, list) else part)
        if item is None:
            raise Absent(path.place)
        return item

    def _converted(self, item: Any, place: str) -> Argument:
        match item:
            case {"scheduler": description}:
                return self.instances.of(description, place)
            case {"function": described}:
                return LiveFunction(described, place)
            case list():
                return [self._converted(inner, f"{place}[{i}]") for i, inner in enumerate(item)]
        plain: Argument = _plain(item)
        return plain


def _item(container: Any, key: str | int) -> Any:
    """Return the item of a mapping or a list, None where there is none."""
    inner = container.get("dict", container) if isinstance(container, Mapping) else container
    if isinstance(inner, Mapping):
        return inner.get(key)
    inside = isinstance(inner, list) and isinstance(key, int) and -len(inner) <= key < len(inner)
    return inner[key] if inside else None


def _plain(item: Any) -> Any:
    match item:
        case {"float": text}:
            return float(text)
        case {"method": name} | {"object": name}:
            return name.lstrip("_")
        case list():
            return tuple(map(_plain, item))
    return item


def _is_number(number: object) -> bool:
    return isinstance(number, (int, float)) and not isinstance(number, bool)
