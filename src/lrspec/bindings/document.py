"""`bindings.json`: how each schedule is written in a framework's classes, and read back.

A binding of a schedule is a call of a class, each argument a formula over the schedule's
parameters. The same binding reads an object: an argument whose formula is one parameter gives that
parameter, a constant must be equal, and any other formula is solved for the one parameter that is
left. Its conditions hold for the recipes that it writes and for those that it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, cast

import msgspec
from msgspec import field

from lrspec.bindings.arguments import OPTIMIZER, Source, Template
from lrspec.bindings.attributes import Attribute
from lrspec.bindings.solving import check_solvable
from lrspec.errors import BadInput, of_form, under
from lrspec.json_input import converted
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.schedule import schedules

_T = TypeVar("_T", bound="Document")
#: The argument form that `port` writes: every argument that matters is given.
EXPLICIT: Literal["explicit"] = "explicit"


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object of one of the project's JSON files; unknown keys are errors."""


def typed(item: Any, form: type[_T]) -> _T:
    """Return the JSON object *item* as a value of *form*; raises `BadInput` with its place."""
    keys = ", ".join(key.encode_name for key in msgspec.structs.fields(form))
    return cast("_T", converted(item, form, f"an object with the keys {keys}"))


class Condition:
    """A condition over the parameters of a recipe and `base_lr`."""

    def __init__(self, text: str) -> None:
        self.text, self.formula = text, parse(text)


class Scope(Document, frozen=True):
    """The recipes that an entry applies to: those that meet all of its conditions.

    `mode` is that of the backend; the recipe must give the parameters in `given` and none of those
    in `absent`; `where` maps parameters to their values; `when` is any other condition.
    """

    mode: str | None = None
    given: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    where: Mapping[str, bool | float | str] = {}
    when: Condition | None = None

    @property
    def always(self) -> bool:
        """Whether the entry applies to every recipe of its schedule, in its mode."""
        return not (self.given or self.absent or self.where or self.when)

    def names(self) -> frozenset[str]:
        """Return the names of parameters that it contains."""
        read = self.when.formula.names if self.when else frozenset()
        return frozenset({*self.given, *self.absent, *self.where}) | read


class Limitation(Scope, frozen=True, kw_only=True):
    """Recipes that the framework cannot express, and the reason."""

    reason: str


class Binding(Scope, frozen=True):
    """How a schedule is written: as a call of `class_`, or `as_` another recipe.

    `argument_form` is `explicit`, or `defaults` if arguments are left to the framework;
    `framework_defaults` are the parameters' values where its defaults are not the specification's.
    A `read_only` binding describes objects that people build and `port` does not write.
    """

    argument_form: Literal["explicit", "defaults"] = EXPLICIT
    read_only: bool = False
    class_: str | None = field(name="class", default=None)
    arguments: Mapping[str, Source] = {}
    as_: Template | None = field(name="as", default=None)
    framework_defaults: Mapping[str, Source] = {}

    def __post_init__(self) -> None:
        if (self.class_ is None) == (self.as_ is None or not self.as_.kind):
            raise BadInput("$", "both or neither", "either a class or as, another recipe")
        if self.reads:
            with under("$.arguments"):
                self.solved()

    @property
    def reads(self) -> bool:
        """Whether an object can be read by this binding: a list cannot be solved."""
        computed = any(isinstance(source.value, list) for source in self.arguments.values())
        return self.class_ is not None and self.argument_form == EXPLICIT and not computed

    def names(self) -> frozenset[str]:
        """Return the names of parameters that it contains."""
        sources = [*self.arguments.values(), *self.framework_defaults.values()]
        sources += [self.as_] if self.as_ else []
        return super().names().union(self.framework_defaults, *(s.names for s in sources))

    def solved(self) -> Mapping[str, tuple[Formula, str]]:
        """Return each argument that is computed: the formula, and the parameter to solve it for.

        Raises `BadInput` for a formula that does not determine one more parameter.
        """
        sources = self.arguments.values()
        known = {"base_lr", *(source.parameter for source in sources if source.parameter)}
        solved: dict[str, tuple[Formula, str]] = {}
        for name, source in self.arguments.items():
            if source.parameter or not isinstance(source.value, Formula):
                continue
            unknown = sorted(source.names - known)
            if len(unknown) != 1:
                raise BadInput("$", source.value.text, "a formula with one unknown parameter")
            check_solvable(source.value, unknown[0])
            solved[name] = source.value, unknown[0]
            known.add(unknown[0])
        return solved


class ScheduleBindings(Document, frozen=True):
    """The bindings of one schedule, of which the first that fits counts, and its limitations."""

    unsupported: tuple[Limitation, ...] = ()
    bindings: tuple[Binding, ...] = ()


class Unreadable(Document, frozen=True):
    """Objects of a class that have no recipe, by a condition over their attributes."""

    reason: str
    when: Attribute | None = None


class FrameworkClass(Document, frozen=True):
    """What a class does with its arguments, if that is unusual.

    An argument is recovered from the attribute of its name unless `attributes` has another.
    `base_lr`, `position` and `state` are where an object stores the base rate, its step and the
    state of the schedule's state machine; `current_lr` replaces a base rate that is not stored.
    Arguments in `per_group` may be a list, one value per group. An object that no binding describes
    is read as one of its base class `read_as`. `defined_in` is the file beside this one that
    defines the class; `rejected_if_different` is the reason to reject an object whose rates are not
    those of the recipe that was read. A class that is not `exported` is missing from the
    framework's module.
    """

    attributes: Mapping[str, Attribute] = {}
    base_lr: Attribute | None = None
    current_lr: Attribute | None = None
    position: Attribute | None = None
    state: Mapping[str, Attribute] = {}
    per_group: tuple[str, ...] = ()
    read_as: str | None = None
    unsupported: tuple[Unreadable, ...] = ()
    unsupported_scenarios: Mapping[str, str] = {}
    defined_in: str | None = None
    rejected_if_different: str = ""
    alias_of: str | None = None
    exported: bool = True

    def __post_init__(self) -> None:
        for argument, attribute in self.attributes.items():
            with under(f"$.attributes.{argument}"):
                attribute.check(argument)


class Bindings(Document, frozen=True, kw_only=True):
    """The bindings of one framework.

    `positional` names the arguments that are written without their names; `attributes`, `base_lr`
    and `position` are the defaults of its classes. A framework without `position` has no scheduler
    objects to read.
    """

    positional: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = {}
    base_lr: Attribute | None = None
    position: Attribute | None = None
    classes: Mapping[str, FrameworkClass] = {}
    schedules: Mapping[str, ScheduleBindings]

    def class_of(self, name: str) -> FrameworkClass:
        """Return the file's entry for the class *name*, an empty one if there is none."""
        return self.classes.get(name, _EMPTY)

    def attribute(self, name: str, argument: str) -> Attribute:
        """Return how *argument* of the class *name* is recovered."""
        own = self.class_of(name).attributes.get(argument)
        return own or self.attributes.get(argument) or Attribute(argument)

    def reading(self, name: str) -> Iterator[tuple[str, Binding]]:
        """Return the bindings that read objects of the class *name*, each with its schedule."""
        for kind, entry in self.schedules.items():
            for binding in entry.bindings:
                if binding.class_ == name and binding.reads:
                    yield kind, binding

    def class_names(self) -> frozenset[str]:
        """Return the framework's classes that the file names."""
        bound = {b.class_ for entry in self.schedules.values() for b in entry.bindings if b.class_}
        own = {name for name, entry in self.classes.items() if entry.defined_in}
        return frozenset({*bound, *self.classes} - own)


_EMPTY = FrameworkClass()


def bindings_of(document: Mapping[str, Any]) -> Bindings:
    """Return the bindings in *document*; raises `BadInput` with the place of an error."""
    with of_form("an object with `classes` and `schedules`"):
        return _bindings(document)


def _bindings(document: Mapping[str, Any]) -> Bindings:
    for name, entry in document.get("classes", {}).items():  # one by one: an error names its class
        with under(f"$.classes.{name}"):
            typed(entry, FrameworkClass)
    for kind, entry in document.get("schedules", {}).items():
        if kind not in schedules():
            raise BadInput("$.schedules", kind, f"one of {', '.join(schedules())}")
        with under(f"$.schedules.{kind}"):
            _check_names(kind, typed(entry, ScheduleBindings))
    return typed(document, Bindings)


def _check_names(kind: str, entry: ScheduleBindings) -> None:
    """Raise `BadInput` for a name that is not a parameter of the schedule *kind*."""
    parameters = schedules()[kind].parameters
    flags = {flag for parameter in parameters.values() for flag in parameter.flags}
    known = {*parameters, *flags, "base_lr", OPTIMIZER}
    lists: Mapping[str, tuple[Scope, ...]]
    lists = {"unsupported": entry.unsupported, "bindings": entry.bindings}
    for place, scopes in lists.items():
        for index, scope in enumerate(scopes):
            if unknown := sorted(scope.names() - known):
                expected = f"a parameter of {kind}: {', '.join(parameters)}"
                raise BadInput(f"$.{place}[{index}]", unknown[0], expected)
