"""`bindings.json`: how each schedule is written in a framework's classes, and read back.

A binding of a schedule is a call of a class, each argument a formula over the schedule's
parameters. The same binding reads an object: an argument whose formula is one parameter gives that
parameter, a constant must be equal, and any other formula is solved for the one parameter that is
left. Its conditions hold for the recipes that it writes and for those that it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from msgspec import field

from lrspec.bindings.arguments import (
    OPTIMIZER,
    Expression,
    Items,
    Source,
    Template,
    names_of,
    source_of,
    template_of,
)
from lrspec.bindings.attributes import (
    Attribute,
    Path,
    attribute_of,
    check_equation,
)
from lrspec.bindings.loading import Document, Parsers, typed
from lrspec.bindings.solving import check_solvable
from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import parse
from lrspec.spec.schedule import schedules

#: The argument form that `port` writes: every argument that matters is given.
EXPLICIT: Literal["explicit"] = "explicit"


class Condition:
    """A condition over the parameters of a recipe and `base_lr`."""

    def __init__(self, text: str) -> None:
        self.text, self.formula = text, parse(text)


class Scope(Document, frozen=True):
    """The recipes that an entry is for: those for which all of this holds.

    `mode` is that of the backend; `given` and `absent` name parameters that the recipe gives or
    does not give; `where` maps parameters to their values; `when` is any other condition.
    """

    mode: str | None = None
    given: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    where: Mapping[str, bool | float | str] = {}
    when: Condition | None = None

    @property
    def always(self) -> bool:
        """Whether the entry is for every recipe of its schedule, in its mode."""
        return not (self.given or self.absent or self.where or self.when)


class Limitation(Scope, frozen=True, kw_only=True):
    """Recipes that the framework cannot express, and the reason."""

    reason: str


class Binding(Scope, frozen=True):
    """How a schedule is written: as a call of `class_`, or `as_` another recipe.

    `argument_form` is `explicit`, or `defaults` where arguments are left to the framework, whose
    `framework_defaults` are the parameters' values where the specification has others. A
    `read_only` binding describes objects that people build and `port` does not write.
    """

    argument_form: Literal["explicit", "defaults"] = EXPLICIT
    read_only: bool = False
    class_: str | None = field(name="class", default=None)
    arguments: Mapping[str, Source] = {}
    as_: Template | None = field(name="as", default=None)
    framework_defaults: Mapping[str, Source] = {}

    @property
    def reads(self) -> bool:
        """Whether an object can be read by this binding: a list cannot be solved."""
        computed = any(isinstance(source, Items) for source in self.arguments.values())
        return self.class_ is not None and self.argument_form == EXPLICIT and not computed

    def names(self) -> frozenset[str]:
        """Return the names that its formulas read."""
        sources = [*self.arguments.values(), *self.framework_defaults.values()]
        read = frozenset[str]().union(*map(names_of, sources))
        return read | names_of(self.as_) - {"t"} if self.as_ else read

    def solved(self) -> Mapping[str, str]:
        """Return the argument whose formula is solved for a parameter, and that parameter."""
        sources = self.arguments.items()
        formulas = {n: s for n, s in sources if isinstance(s, Expression) and not s.parameter}
        known = {s.parameter for _, s in sources if isinstance(s, Expression)} | {"base_lr"}
        unknowns: dict[str, str] = {}
        for name, source in formulas.items():
            unknown = sorted(source.formula.names - known - set(unknowns.values()))
            if len(unknown) != 1:
                raise BadInput("$", source.formula.text, "a formula with one unknown parameter")
            check_solvable(source.formula, unknown[0])
            unknowns[name] = unknown[0]
        return unknowns


class ScheduleBindings(Document, frozen=True):
    """The bindings of one schedule, of which the first that fits counts, and its limitations."""

    unsupported: tuple[Limitation, ...] = ()
    bindings: tuple[Binding, ...] = ()


class Unreadable(Document, frozen=True):
    """Objects of a class that are no schedule, by a condition over their attributes."""

    reason: str
    when: Attribute | None = None


class FrameworkClass(Document, frozen=True):
    """What a class does with its arguments, where that is not the usual.

    An argument is recovered from the attribute of its name unless `attributes` has another.
    `base_lr`, `position` and `state` say where an object keeps the base rate, its step, and what
    the schedule's state machine goes on with; `current_lr` replaces a base rate that is not kept.
    Arguments in `per_group` may be a list, one value a group. An object that no binding describes
    is read as one of the class `read_as`, which it derives from. `defined_in` is the file beside
    this one that defines the class; `rejected_if_different` is the reason for which an object is
    refused whose rates are not those of the recipe that was read. The framework's module does not
    export a class that is not `exported`.
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


class Bindings(Document, frozen=True, kw_only=True):
    """The bindings of one framework.

    `positional` names the arguments that are written without their names; `attributes`, `base_lr`
    and `position` are those of every class that has no others. A framework without `position`
    keeps no object that could be read.
    """

    positional: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = {}
    base_lr: Attribute | None = None
    position: Attribute | None = None
    classes: Mapping[str, FrameworkClass] = {}
    schedules: Mapping[str, ScheduleBindings]

    def class_of(self, name: str) -> FrameworkClass:
        """Return what the file states of the class *name*."""
        return self.classes.get(name, _USUAL)

    def attribute(self, name: str, argument: str) -> Attribute:
        """Return how *argument* of the class *name* is recovered."""
        own = self.class_of(name).attributes.get(argument)
        return own or self.attributes.get(argument) or Path(argument)

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


_USUAL = FrameworkClass()
_PARSERS: Parsers = {
    Attribute: attribute_of,
    Condition: Condition,
    Source: source_of,
    Template: template_of,
}


def bindings_of(document: Mapping[str, Any]) -> Bindings:
    """Return the bindings that *document* states; raises `BadInput` with the place of an error."""
    for name, entry in document.get("classes", {}).items():  # one by one: an error names its class
        declared = typed(entry, FrameworkClass, f"$.classes.{name}", _PARSERS)
        for argument, attribute in declared.attributes.items():
            _at(f"$.classes.{name}.attributes.{argument}", check_equation, attribute, argument)
    for kind, entry in document.get("schedules", {}).items():
        _check(kind, typed(entry, ScheduleBindings, f"$.schedules.{kind}", _PARSERS))
    return typed(document, Bindings, "$", _PARSERS)


def _check(kind: str, entry: ScheduleBindings) -> None:
    """Raise `BadInput` for a name that is no parameter, and for a formula without a solution."""
    if kind not in schedules():
        raise BadInput("$.schedules", kind, f"one of {', '.join(schedules())}")
    parameters = schedules()[kind].parameters
    flags = {flag for parameter in parameters.values() for flag in parameter.flags}
    known = {*parameters, *flags, "base_lr", OPTIMIZER}
    scopes: list[tuple[str, Scope]] = [
        *((f"unsupported[{i}]", item) for i, item in enumerate(entry.unsupported)),
        *((f"bindings[{i}]", item) for i, item in enumerate(entry.bindings)),
    ]
    for where, scope in scopes:
        place = f"$.schedules.{kind}.{where}"
        names = {*scope.given, *scope.absent, *scope.where}
        names |= scope.when.formula.names if scope.when else set()
        if isinstance(scope, Binding):
            names |= scope.names() | {*scope.framework_defaults}
            if (scope.class_ is None) == (scope.as_ is None):
                raise BadInput(place, "both or neither", "either a class or as, another recipe")
            if scope.reads:
                _at(f"{place}.arguments", scope.solved)
        if unknown := sorted(names - known):
            raise BadInput(place, unknown[0], f"a parameter of {kind}: {', '.join(parameters)}")


def _at(place: str, check: Callable[..., object], *arguments: object) -> None:
    try:
        check(*arguments)
    except BadInput as error:
        raise error.under(place) from error
