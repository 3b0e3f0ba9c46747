"""A recipe: a schedule with its numbers, as a user writes it. Recipes nest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lrspec.errors import BadInput, located, missing, under, unknown
from lrspec.spec import about, per_group
from lrspec.spec.formula.compiler import compile_formulas, value
from lrspec.spec.formula.functions import ELEMENTARY, Table
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.origin import Origin, origin_of
from lrspec.spec.other_names import meant_parameters
from lrspec.spec.parameter import Parameter, whole
from lrspec.spec.recipe_file import read_recipe_file
from lrspec.spec.schedule import Schedule, schedule_of
from lrspec.spec.validation import check_depth, validate


@dataclass(frozen=True)
class Recipe:
    """A schedule, the parameters that were given, and the base rates, one per parameter group.

    `given` holds JSON values; nested schedules are recipes without base rates. A number or formula
    may be a tuple with one per parameter group: what reads no group reads the first. `single` is
    true if the base rate was one number. `about` does not affect the curve. With a `dialect` the
    rates are that framework's. A step is an update, except after `units.in_epochs`. `start` is the
    state of a state machine at step 0 where it continues an earlier run.
    """

    schedule: Schedule
    given: Mapping[str, Any]
    base_lr: tuple[float, ...] | None
    single: bool = True
    about: Mapping[str, Any] | None = None
    dialect: Origin | None = None
    updates_per_step: int = field(default=1, compare=False)
    start: Mapping[str, float] | None = None

    def __hash__(self) -> int:
        return hash((self.schedule.kind, self.base_lr))

    @property
    def kind(self) -> str:
        """The name of the schedule."""
        return self.schedule.kind

    @property
    def bases(self) -> tuple[float, ...]:
        """The base rates, one per parameter group; 1 for a curve that needs none."""
        return self.base_lr or (1.0,) * max(self.group_counts, default=1)

    @cached_property
    def group_counts(self) -> frozenset[int]:
        """The numbers of values of the parameters that have one per parameter group."""
        return per_group.counts(self)

    def groups(self) -> tuple[Recipe, ...]:
        """Return the recipe of each parameter group alone."""
        pairs = enumerate(self.bases)
        return tuple(per_group.of_group(self, index, base) for index, base in pairs)

    @property
    def position(self) -> float:
        """The step that a scheduler was at when the recipe was read from it; 0 by default."""
        return about.position(self.about)

    def values(self, base_lr: Any) -> dict[str, Any]:
        """Return every parameter except nested schedules, with its default for *base_lr*.

        `<parameter>_is_<choice>` is true for the choice that was made, and false for the others.
        """
        return dict(self._fixed or self._values(base_lr))

    @cached_property
    def follows_base_lr(self) -> bool:
        """Whether the default of a parameter depends on the base rate."""
        parameters = self.schedule.parameters.items()
        return any(p.follows_base_lr and name not in self.given for name, p in parameters)

    @cached_property
    def _fixed(self) -> dict[str, Any] | None:
        return None if self.follows_base_lr else self._values(None)

    def _values(self, base_lr: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, parameter in self.schedule.parameters.items():
            if not parameter.nests:
                values[name] = self._value(parameter, base_lr, values)
        for name, parameter in self.schedule.parameters.items():
            for flag, choice in zip(parameter.flags, parameter.choices, strict=True):
                values[flag] = values[name] == choice
        return values

    def _value(self, parameter: Parameter, base_lr: Any, before: Mapping[str, Any]) -> Any:
        if parameter.name in self.given:
            given = self._first(parameter.name)
            return whole(given) if parameter.unit == "steps" else given
        if parameter.default_formula is not None:
            return value(parameter.default_formula, {**before, "base_lr": base_lr})
        default = parameter.default
        return tuple(default) if isinstance(default, list) else default

    def _first(self, name: str) -> Any:
        given: Any = self.given.get(name)
        return given[0] if per_group.is_per_group(self, name) else given

    def formulas(self) -> dict[str, Formula]:
        """Return the formula parameters, each a formula in t."""
        declared = self.schedule.parameters.items()
        own = {name: p.default for name, p in declared if p.type == "formula"}
        return {name: _formula_of_t(self._first(name) or default) for name, default in own.items()}

    def bound(self, base_lr: Any, table: Table) -> dict[str, Any]:
        """Return `values`, the formula parameters among them as functions of t."""
        formulas = self.formulas().items()
        functions = {name: compile_formulas(("t",), (), f, table) for name, f in formulas}
        return self.values(base_lr) | functions

    def members(self) -> tuple[Recipe, ...]:
        """Return the nested recipes in their order; `engine.timeline` knows their steps."""
        several = (g if isinstance(g, tuple) else (g,) for g in self.given.values())
        return tuple(one for given in several for one in given if isinstance(one, Recipe))

    def scales_with_base(self) -> bool:
        """Return whether a multiple of the base rate gives the same multiple of the whole curve."""
        if self.group_counts:
            return False
        schedule, parameters = self.schedule, self.schedule.parameters.items()
        absolute = any(p.follows_base_lr and name in self.given for name, p in parameters)
        condition = schedule.scales_with_base
        here = condition is None or bool(value(condition, self.values(1.0)))
        return here and not absolute and all(member.scales_with_base() for member in self.members())

    def moves_momentum(self) -> bool:
        """Return whether the schedule also sets the momentum."""
        momentum = self.schedule.momentum
        return momentum is not None and bool(value(momentum.when, self.values(1.0)))

    @property
    def specified(self) -> Recipe:
        """The same recipe with the rates of the specification."""
        return replace(self, dialect=None)

    def with_base(self, *base_lr: float) -> Recipe:
        """Return the same recipe for other base rates, one per parameter group."""
        return replace(self, base_lr=base_lr, single=len(base_lr) == 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that this recipe was read from."""
        document: dict[str, Any] = {"about": dict(self.about)} if self.about is not None else {}
        document["schedule"] = self.kind
        if self.base_lr is not None:
            document["base_lr"] = self.base_lr[0] if self.single else list(self.base_lr)
        for name, given in self.given.items():
            document[name] = _plain(given)
        if self.dialect is not None:
            document["dialect"] = self.dialect.to_dict()
        return document


def _plain(given: Any) -> Any:
    if isinstance(given, Recipe):
        return given.to_dict()
    return [_plain(item) for item in given] if isinstance(given, tuple) else given


def load(source: str | Path | Mapping[str, Any]) -> Recipe:
    """Return the recipe at *source*: a dictionary, a JSON or YAML file, `-`, or a published name.

    Raises `BadInput` with the file and the JSON path for anything that is not a recipe.
    """
    if isinstance(source, Mapping):
        return from_dict(source)
    document = read_recipe_file(source)
    with located("standard input" if str(source) == "-" else source):
        return from_dict(document)


def from_dict(document: Any) -> Recipe:
    """Return *document* as a recipe; raises `BadInput` with the JSON path of what is wrong."""
    check_depth(document)
    return _recipe(document, outermost=True)


def _recipe(document: Any, *, outermost: bool = False) -> Recipe:
    if not isinstance(document, Mapping):
        raise BadInput("$", document, "an object with a schedule and its parameters")
    if "schedule" not in document:
        raise _without_schedule(document)
    schedule = schedule_of(document["schedule"])
    if not outermost and not schedule.document.get("nests", True):
        raise BadInput("$.schedule", schedule.kind, "a schedule that can be part of another")
    validate(document, schedule, outermost=outermost)
    given: dict[str, Any] = {}
    for name, entry in document.items():
        if name in schedule.parameters:
            with under(f"$.{name}"):
                given[name] = _given(schedule.parameters[name].type, entry)
    base = document.get("base_lr")
    single = not isinstance(base, list)
    bases = None if base is None else tuple(map(float, [base] if single else base))
    origin = origin_of(document["dialect"]) if "dialect" in document else None
    recipe = Recipe(schedule, given, bases, single, document.get("about"), origin)
    if not outermost and recipe.moves_momentum():
        sentence = "only the outermost schedule may move the momentum"
        raise BadInput("$", schedule.kind, "a rate alone", sentence=sentence)
    if outermost:
        recipe = per_group.with_base_rates(recipe)
    for constraint in schedule.constraints:
        count = max(recipe.group_counts, default=1)
        groups = [per_group.of_group(recipe, index) for index in range(count)]
        if not all(value(constraint.condition, {**g.values(1.0), **g.given}) for g in groups):
            wrong = document[constraint.parameter]
            raise BadInput(f"$.{constraint.parameter}", wrong, constraint.expected)
    return recipe


def _without_schedule(document: Mapping[str, Any]) -> BadInput:
    meaning = "the kind of curve, such as cosine_annealing"
    meant = [name for name in document if meant_parameters(str(name), "", ["schedule"])]
    if meant:
        return unknown("$", "key", meant[0], (), f"expected {meaning}", ["schedule"])
    return missing("$", "schedule", meaning)


def _given(type_: str, entry: Any) -> Any:
    if type_ == "schedule":
        return _recipe(entry)
    if type_ == "schedules":
        members = []
        for index, member in enumerate(entry):
            with under(f"$[{index}]"):
                members.append(_recipe(member))
        return tuple(members)
    if type_ == "formula":
        for text in entry if isinstance(entry, list) else [entry]:
            _formula_of_t(text)  # raises if it is none
    return tuple(entry) if isinstance(entry, list) else entry


def _formula_of_t(text: str) -> Formula:
    return parse(text, frozenset({"t"}), ELEMENTARY, condition=False)
