"""From a recipe to the tree of calls that builds it in a framework's classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lrspec.bindings.arguments import OPTIMIZER, Source, Template
from lrspec.bindings.backend import Backend
from lrspec.bindings.document import EXPLICIT, Binding, Scope
from lrspec.bindings.tree import (
    Argument,
    Call,
    DiffersPerGroup,
    Function,
    PerGroup,
    Variable,
    per_group_or_same,
    the_same,
)
from lrspec.errors import Unsupported
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, with_values
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules

#: The base rate, which replaces a nested schedule that a recipe leaves out.
_BASE_RATE = {"schedule": "constant", "factor": 1.0, "total_iters": 0}


@dataclass(frozen=True)
class Written:
    """The call of a recipe.

    `framework_defaults` are the parameters that the argument form leaves to the framework's own
    defaults, where these are not the specification's.
    """

    call: Call
    framework_defaults: Mapping[str, Any] = field(default_factory=dict)


def write(recipe: Recipe, backend: Backend, argument_form: str = EXPLICIT) -> Written:
    """Return the call of *recipe* in the classes of *backend*.

    Raises `Unsupported`, with the reason, where they cannot express it in this form.
    """
    if recipe.kind not in backend.bindings.schedules:
        raise Unsupported(f"{backend.title} has no such schedule")
    if recipe.group_counts and backend.groups != "own rates":
        raise Unsupported("a scheduler has one curve for all parameter groups")
    for limitation in backend.bindings_of(recipe.kind).unsupported:
        if holds(limitation, recipe, backend):
            raise Unsupported(limitation.reason)
    reason = f"{backend.title} has no class for these parameters"
    for binding in bindings(recipe, backend, argument_form):
        with suppress(DiffersPerGroup):
            return _Writer(recipe, backend).written(binding)
        reason = "this argument would have to differ between the parameter groups"
    raise Unsupported(reason)


def bindings(recipe: Recipe, backend: Backend, argument_form: str) -> Iterator[Binding]:
    """Return the bindings that write *recipe* in *argument_form*."""
    for binding in backend.bindings_of(recipe.kind).bindings:
        fits = binding.argument_form == argument_form and not binding.read_only
        if fits and holds(binding, recipe, backend):
            yield binding


def holds(scope: Scope, recipe: Recipe, backend: Backend) -> bool:
    """Return whether *scope* applies to *recipe*."""
    if scope.mode not in (None, backend.name):
        return False
    if recipe.given.keys() & scope.absent or not recipe.given.keys() >= {*scope.given}:
        return False
    names = _environments(recipe, backend)
    if any(known[name] != wanted for name, wanted in scope.where.items() for known in names):
        return False
    return scope.when is None or all(value(scope.when.formula, known) for known in names)


def _environments(recipe: Recipe, backend: Backend) -> list[dict[str, Any]]:
    """Return the names that bindings read, one mapping per base rate that a scheduler has."""
    count = None if backend.groups == "own rates" else 1
    groups = zip(recipe.groups()[:count], recipe.bases, strict=False)
    return [{"base_lr": base, **group.values(base)} for group, base in groups]


class _Writer:
    """Writes the arguments of a binding with the values of one recipe.

    Raises `DiffersPerGroup` where one argument would have to differ between parameter groups.
    """

    def __init__(self, recipe: Recipe, backend: Backend) -> None:
        self.recipe, self.backend = recipe, backend
        self.environments = _environments(recipe, backend)

    def written(self, binding: Binding) -> Written:
        """Return the call that *binding* makes of the recipe."""
        if binding.as_ is not None:
            document = {**self._document(binding.as_), "base_lr": list(self.recipe.bases)}
            return Written(self._nested(from_dict(document)))
        assert binding.class_ is not None  # noqa: S101 - a binding has one of the two
        framework = self.backend.bindings
        per_group = framework.class_of(binding.class_).per_group
        arguments = {
            name: self._argument(source, per_group=name in per_group)
            for name, source in binding.arguments.items()
        }
        positional = tuple(name for name in framework.positional if name in arguments)
        defaults = {n: self._argument(s) for n, s in binding.framework_defaults.items()}
        return Written(Call(binding.class_, arguments, positional, self._state(binding)), defaults)

    def _state(self, binding: Binding) -> dict[str, float]:
        """Return the attributes that hold the state which the recipe continues from."""
        start, framework = self.recipe.start, self.backend.bindings
        if start is None or binding.class_ is None:
            return {}
        declared = framework.class_of(binding.class_)
        if not start.keys() <= declared.state.keys():
            raise Unsupported(f"{binding.class_} cannot be built with a state")
        state = {declared.state[name].place: number for name, number in start.items()}
        position = declared.position or framework.position
        if position is not None and self.recipe.position:
            state[position.place] = int(self.recipe.position // self.recipe.updates_per_step)
        return state

    def _nested(self, recipe: Recipe) -> Call:
        call = write(recipe, self.backend).call
        if self.backend.bindings.class_of(call.name).defined_in:
            raise Unsupported("a rate that is set by hand is no part of a composition")
        return call

    def _argument(self, source: Source, *, per_group: bool = False) -> Argument:
        match source.value:
            case list(parts):
                return [self._argument(part) for part in parts]
            case Formula() as formula:
                return self._computed(formula, source.parameter, per_group=per_group)
        constant: Argument = source.value
        return constant

    def _computed(self, formula: Formula, name: str, *, per_group: bool) -> Argument:
        """Return the value of *formula*, or the optimizer or parameter that is its only *name*."""
        if name == OPTIMIZER:
            return Variable(name)
        given, bases = self.recipe.given, self.recipe.bases
        match self._type(name):
            case "schedule":
                return self._nested(given[name].with_base(*bases))
            case "schedules":
                return [self._nested(member.with_base(*bases)) for member in given[name]]
            case "formula":
                formulas = [group.formulas()[name] for group in self.recipe.groups()]
                functions = per_group_or_same([each.text for each in formulas])
                if not isinstance(functions, PerGroup):
                    return Function(formulas[0])
                if not per_group:
                    raise DiffersPerGroup
                return PerGroup(map(Function, formulas))
        values = [value(formula, names) for names in self.environments]
        values = [list(item) if isinstance(item, tuple) else item for item in values]
        same: Argument = per_group_or_same(values) if per_group else the_same(values)
        return same

    def _type(self, name: str) -> str:
        parameter = self.recipe.schedule.parameters.get(name)
        return parameter.type if parameter else ""

    def _document(self, template: Template, type_: str = "schedule") -> Any:
        """Return the part of another recipe, a parameter of *type_*, for the values of this one."""
        match template.value:
            case dict(parts):
                types = schedules()[template.kind].parameters
                documents = {n: self._document(part, types[n].type) for n, part in parts.items()}
                return {"schedule": template.kind, **documents}
            case list(parts):
                return [self._document(part) for part in parts]
            case Formula() as formula if type_ == "formula":
                return the_same([with_values(formula, names).text for names in self.environments])
        if self._type(template.parameter) == "schedule":
            member = self.recipe.given.get(template.parameter)
            return _BASE_RATE if member is None else member.to_dict()
        return self._argument(template)
