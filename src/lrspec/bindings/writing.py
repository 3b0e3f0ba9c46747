"""From a recipe to the tree of calls that builds it in a framework's classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrspec.bindings.arguments import (
    OPTIMIZER,
    Constant,
    Expression,
    Items,
    Source,
    Substitution,
    Template,
)
from lrspec.bindings.backend import Backend
from lrspec.bindings.document import EXPLICIT, Binding, Scope
from lrspec.bindings.tree import (
    Argument,
    Call,
    DiffersPerGroup,
    Function,
    Variable,
    per_group_or_same,
    the_same,
)
from lrspec.errors import Unsupported
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, with_values
from lrspec.spec.recipe import Recipe, from_dict

#: What stands in the place of a nested schedule that a recipe leaves out: the base rate, for ever.
_HELD = {"schedule": "constant", "factor": 1.0, "total_iters": 0}


@dataclass(frozen=True)
class Written:
    """The call of a recipe.

    `framework_defaults` are the parameters that the argument form leaves to the framework's own
    defaults, where these are not the specification's.
    """

    call: Call
    framework_defaults: Mapping[str, Any] = field(default_factory=dict)


def environments(recipe: Recipe, backend: Backend) -> list[dict[str, Any]]:
    """Return the names that bindings read, one mapping a base rate that a scheduler knows."""
    bases = recipe.bases if backend.groups == "own rates" else recipe.bases[:1]
    return [{"base_lr": base, **recipe.values(base)} for base in bases]


def holds(scope: Scope, recipe: Recipe, backend: Backend) -> bool:
    """Tell whether *recipe* is one that *scope* is for."""
    if scope.mode not in (None, backend.name):
        return False
    if any(name not in recipe.given for name in scope.given):
        return False
    if any(name in recipe.given for name in scope.absent):
        return False
    names = environments(recipe, backend)
    if any(known[name] != wanted for name, wanted in scope.where.items() for known in names):
        return False
    return scope.when is None or all(value(scope.when.formula, known) for known in names)


def bindings(recipe: Recipe, backend: Backend, argument_form: str) -> Iterator[Binding]:
    """Return the bindings that write *recipe* in *argument_form*."""
    for binding in backend.bindings_of(recipe.kind).bindings:
        fits = binding.argument_form == argument_form and not binding.read_only
        if fits and holds(binding, recipe, backend):
            yield binding


def reason_against(recipe: Recipe, backend: Backend) -> str | None:
    """Return why the framework cannot express *recipe*, None if nothing is known against it."""
    if recipe.kind not in backend.bindings.schedules:
        return f"{backend.title} has no such schedule"
    limitations = backend.bindings_of(recipe.kind).unsupported
    return next((entry.reason for entry in limitations if holds(entry, recipe, backend)), None)


def write(recipe: Recipe, backend: Backend, argument_form: str = EXPLICIT) -> Written:
    """Return the call of *recipe* in the classes of *backend*.

    Raises `Unsupported`, with the reason, where they cannot express it in this form.
    """
    return _written(recipe, backend, argument_form, outermost=True)


def _written(recipe: Recipe, backend: Backend, argument_form: str, *, outermost: bool) -> Written:
    reason = reason_against(recipe, backend)
    if reason is not None:
        raise Unsupported(reason)
    reason = f"{backend.title} has no class for these parameters"
    for binding in bindings(recipe, backend, argument_form):
        name = binding.class_
        if name and backend.bindings.class_of(name).defined_in and not outermost:
            raise Unsupported("a rate that is set by hand is no part of a composition")
        try:
            return _Writer(recipe, backend).written(binding)
        except DiffersPerGroup:
            reason = "this argument would have to differ between the parameter groups"
    raise Unsupported(reason)


class _Writer:
    """Writes the arguments of a binding with the values of one recipe.

    Raises `DiffersPerGroup` where one argument would have to differ between parameter groups.
    """

    def __init__(self, recipe: Recipe, backend: Backend) -> None:
        self.recipe, self.backend = recipe, backend
        self.environments = environments(recipe, backend)

    def written(self, binding: Binding) -> Written:
        """Return the call that *binding* makes of the recipe."""
        if binding.as_ is not None:
            document = {**self._document(binding.as_), "base_lr": list(self.recipe.bases)}
            return _written(from_dict(document), self.backend, EXPLICIT, outermost=False)
        assert binding.class_ is not None  # noqa: S101 - a binding has one of the two
        every = self.backend.bindings
        per_group = every.class_of(binding.class_).per_group
        arguments = {
            name: self._argument(source, per_group=name in per_group)
            for name, source in binding.arguments.items()
        }
        positional = tuple(name for name in every.positional if name in arguments)
        defaults = {n: self._argument(s) for n, s in binding.framework_defaults.items()}
        return Written(Call(binding.class_, arguments, positional), defaults)

    def _argument(self, source: Source, *, per_group: bool = False) -> Argument:
        match source:
            case Constant(constant):
                return constant
            case Items(items):
                return [self._argument(item) for item in items]
            case Expression(parameter=str() as name):
                return self._parameter(source, name, per_group=per_group)
            case Expression(formula):
                return self._same(formula)
        raise TypeError(source)

    def _parameter(self, source: Expression, name: str, *, per_group: bool) -> Argument:
        """Return the argument that is a parameter of the recipe, its base rate or the optimizer."""
        if name == OPTIMIZER:
            return Variable(name)
        parameter = self.recipe.schedule.parameters.get(name)
        match parameter.type if parameter else "":
            case "schedule":
                return self._member(self.recipe.given[name])
            case "schedules":
                return [self._member(member) for member in self.recipe.given[name]]
            case "formula":
                return Function(self.recipe.formulas()[name])
        if per_group:
            values = self._values(source.formula)
            return per_group_or_same(values)
        return self._same(source.formula)

    def _member(self, member: Recipe) -> Call:
        nested = member.with_base(*self.recipe.bases)
        return _written(nested, self.backend, EXPLICIT, outermost=False).call

    def _document(self, source: Source) -> Any:
        """Return the part of another recipe that *source* stands for."""
        match source:
            case Template():
                parameters = {name: self._document(s) for name, s in source.parameters.items()}
                return {"schedule": source.kind, **parameters}
            case Substitution(formula):
                return the_same([with_values(formula, names).text for names in self.environments])
            case Items(items):
                return [self._document(item) for item in items]
            case Expression(parameter=str() as name) if self._is_schedule(name):
                member = self.recipe.given.get(name)
                return _HELD if member is None else member.to_dict()
        return self._argument(source)

    def _is_schedule(self, name: str) -> bool:
        parameter = self.recipe.schedule.parameters.get(name)
        return parameter is not None and parameter.type == "schedule"

    def _values(self, formula: Formula) -> list[Any]:
        values = [value(formula, names) for names in self.environments]
        return [list(item) if isinstance(item, tuple) else item for item in values]

    def _same(self, formula: Formula) -> Argument:
        argument: Argument = the_same(self._values(formula))
        return argument
