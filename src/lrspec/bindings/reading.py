"""From a tree of calls of a framework's classes to the recipe that they build."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrspec.bindings.arguments import OPTIMIZER, Constant, Expression
from lrspec.bindings.backend import Backend
from lrspec.bindings.document import Binding
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import (
    Argument,
    Call,
    DiffersPerGroup,
    Function,
    Instance,
    LiveFunction,
    PerGroup,
    the_same,
)
from lrspec.bindings.writing import holds
from lrspec.errors import BadInput
from lrspec.spec.parameter import TYPES
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule, schedules

#: Returns the formula of functions, one a parameter group. Where base rates are given, the rates
#: are these times the functions' values, and it may return the whole recipe in place of a formula.
Interpret = Callable[[Sequence[Function | LiveFunction], Sequence[float] | None], "str | Recipe"]


class _Unfit(Exception):
    """A binding does not describe a call; its text is what the call would need, if known."""


class Reader:
    """Reads the calls of one backend's classes, each as the recipe of the first binding that fits.

    *interpret* reads functions; *base_lr* are the base rates of a call that is no live object.
    `notes` is what a person should know of the objects that were read.
    """

    def __init__(
        self, backend: Backend, interpret: Interpret, base_lr: Sequence[float] | None = None
    ) -> None:
        self.backend, self.interpret = backend, interpret
        self.base_lr = base_lr
        self.notes: list[str] = []
        self._recipes: dict[int, tuple[Call, Recipe]] = {}

    def recipe(self, call: Call) -> Recipe:
        """Return the recipe of *call*, its values unchecked, without base rates if it reads none.

        Raises `BadInput` where no binding fits.
        """
        if id(call) not in self._recipes:
            self._recipes[id(call)] = call, self._read(call)
        return self._recipes[id(call)][1]

    def _read(self, call: Call) -> Recipe:
        needed = f"{call.name} as in the versions that are read"
        for kind, binding in self.backend.bindings.reading(call.name):
            try:
                recipe = _Binding(self, schedules()[kind], binding, call).recipe()
            except _Unfit as unfit:
                needed = str(unfit) or needed
                continue
            except DiffersPerGroup:
                needed = "the same parameters for all parameter groups"
                continue
            self.notes += call.notes if isinstance(call, Instance) else ()
            return recipe
        if isinstance(call, Instance) and call.base is not None:
            return self.recipe(call.base)
        raise BadInput(_place(call), _class(call), needed)


class _Binding:
    """One binding, held against one call."""

    def __init__(self, reader: Reader, schedule: Schedule, binding: Binding, call: Call) -> None:
        self.reader, self.schedule, self.binding, self.call = reader, schedule, binding, call
        self.members: list[tuple[Call, Recipe]] = []

    def recipe(self) -> Recipe:
        """Return the recipe that the binding makes of the call.

        Raises `_Unfit` where they do not fit, `BadInput` for a nested call that cannot be read.
        """
        self._check_constants()
        given: dict[str, Any] = {**self.binding.where, **self._schedules()}
        bases = self._base_lr()
        for name, functions in self._functions().items():
            is_rate = self.schedule.kind == "lambda"
            formula = self.reader.interpret(functions, bases if is_rate else None)
            if isinstance(formula, Recipe):
                return self._claimed(formula)
            given[name] = formula
        given.update(self._plain())
        given.update(self._solved(given, bases))
        recipe = _recipe(self.schedule, given, bases)
        if not holds(self.binding, recipe, self.reader.backend):
            raise _Unfit
        self._check_members(bases)
        return recipe

    def _check_constants(self) -> None:
        for name, source in self.binding.arguments.items():
            if isinstance(source, Constant) and self._argument(name) != source.value:
                raise _Unfit
            optimizer = isinstance(source, Expression) and source.parameter == OPTIMIZER
            if optimizer and isinstance(self.call.arguments.get(name), Call):
                raise _Unfit

    def _argument(self, name: str) -> Argument:
        if name in self.call.arguments:
            return self.call.arguments[name]
        missing = self.call.missing.get(name, name) if isinstance(self.call, Instance) else name
        raise _Unfit(f"an attribute {missing}, as in the versions that are read")

    def _parameters(self, *types: str) -> dict[str, Argument]:
        """Return the arguments that are parameters of one of *types*, by the parameters' names."""
        arguments = {}
        for name, source in self.binding.arguments.items():
            whole = source.parameter if isinstance(source, Expression) else None
            parameter = self.schedule.parameters.get(whole or "")
            if parameter is not None and parameter.type in types:
                arguments[parameter.name] = self._argument(name)
        return arguments

    def _schedules(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, argument in self._parameters("schedule").items():
            given[name] = self._member(argument)
        for name, argument in self._parameters("schedules").items():
            if not isinstance(argument, (list, tuple)):
                raise _Unfit
            given[name] = tuple(map(self._member, argument))
        return given

    def _member(self, call: Argument) -> Recipe:
        if not isinstance(call, Call):
            raise _Unfit
        recipe = self.reader.recipe(call)
        self.members.append((call, recipe))
        return replace(recipe, base_lr=None, single=True)

    def _functions(self) -> dict[str, list[Function | LiveFunction]]:
        functions: dict[str, list[Function | LiveFunction]] = {}
        for name, argument in self._parameters("formula").items():
            every = self._per_group(argument)
            if not all(isinstance(function, (LiveFunction, Function)) for function in every):
                raise _Unfit
            functions[name] = every
        return functions

    def _plain(self) -> dict[str, Any]:
        given = {}
        for name, argument in self._parameters(*_PLAIN).items():
            value = _same(argument)
            whole = self.schedule.parameters[name].type in ("integer", "integers")
            given[name] = _whole(value) if whole else value
        return given

    def _solved(self, given: Mapping[str, Any], bases: Sequence[float] | None) -> dict[str, Any]:
        """Return the parameters that a formula of the binding is solved for."""
        solved: dict[str, Any] = {}
        for argument, unknown in self.binding.solved().items():
            source = self.binding.arguments[argument]
            assert isinstance(source, Expression)  # noqa: S101 - no other is solved
            results = self._per_group(self._argument(argument))
            values = [
                solve(source.formula, unknown, result, {**given, **solved, "base_lr": base})
                for result, base in zip(results, bases or (1.0,) * len(results), strict=True)
            ]
            solved[unknown] = _same(PerGroup(values))
        return solved

    def _base_lr(self) -> tuple[float, ...] | None:
        """Return the base rates: an argument, the nested calls', or what the object keeps."""
        for name, source in self.binding.arguments.items():
            if isinstance(source, Expression) and source.parameter == "base_lr":
                values = self._per_group(self._argument(name))
                if not all(isinstance(rate, (int, float)) for rate in values):
                    raise _Unfit
                return tuple(map(float, values))
        if not self.schedule.reads_base_lr:
            return None
        nested = (recipe.base_lr for _, recipe in self.members if recipe.base_lr is not None)
        own = self.call.base_lr if isinstance(self.call, Instance) else self.reader.base_lr
        bases = next(nested, None) or own
        if bases is None:
            self._argument("base_lr")
        return tuple(bases or ())

    def _per_group(self, argument: Argument) -> list[Any]:
        if isinstance(argument, PerGroup):
            return list(argument)
        known = self.reader.base_lr or (1.0,)
        return [argument] * (self.call.groups if isinstance(self.call, Instance) else len(known))

    def _claimed(self, claim: Recipe) -> Recipe:
        groups = len(self._per_group(None)) if claim.single else 1
        bases = claim.base_lr and claim.base_lr * groups
        return _recipe(claim.schedule, claim.given, bases)

    def _check_members(self, bases: Sequence[float] | None) -> None:
        for call, recipe in self.members:
            if recipe.base_lr is not None and bases is not None and recipe.base_lr != bases:
                inner, outer = (", ".join(map(repr, rates)) for rates in (recipe.base_lr, bases))
                expected = f"{outer}, that of the scheduler around it"
                raise BadInput(_place(call), f"a base rate of {inner}", expected)


_PLAIN = tuple(name for name in TYPES if name not in ("schedule", "schedules", "formula"))


def _recipe(
    schedule: Schedule, given: Mapping[str, Any], bases: tuple[float, ...] | None
) -> Recipe:
    values = {
        name: tuple(given[name]) if isinstance(given[name], list) else given[name]
        for name in schedule.parameters
        if name in given
    }
    return Recipe(schedule, values, bases, bases is None or len(bases) == 1)


def _same(argument: Argument) -> Any:
    """Return the one value that all parameter groups have; raises `DiffersPerGroup`."""
    return the_same(argument) if isinstance(argument, PerGroup) else argument


def _whole(number: Any) -> Any:
    if isinstance(number, (list, tuple)):
        return list(map(_whole, number))
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _place(call: Call) -> str:
    return call.place if isinstance(call, Instance) else "$"


def _class(call: Call) -> str:
    return call.own_class if isinstance(call, Instance) else call.name
