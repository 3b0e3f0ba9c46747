"""From a live object of a framework's class to the recipe that it was built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrspec.bindings.arguments import OPTIMIZER
from lrspec.bindings.backend import Backend
from lrspec.bindings.document import Binding
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import (
    Argument,
    DiffersPerGroup,
    Instance,
    LiveFunction,
    PerGroup,
    the_same,
)
from lrspec.bindings.writing import holds
from lrspec.errors import BadInput
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule, schedules

#: Returns the formula of functions, one a parameter group. Where base rates are given, the rates
#: are these times the functions' values, and it may return the whole recipe in place of a formula.
Interpret = Callable[[Sequence[LiveFunction], Sequence[float] | None], "str | Recipe"]


def read(instance: Instance, backend: Backend, interpret: Interpret) -> Recipe:
    """Return the recipe of *instance*, an object of one of the classes of *backend*.

    It is that of the first binding that fits, its values unchecked, and without base rates if it
    reads none. *interpret* reads functions. Raises `BadInput` where no binding fits.
    """
    return _Reader(backend, interpret).recipe(instance)


class _Unfit(Exception):
    """A binding does not describe an object; its text is what the object would need, if known."""


class _Reader:
    """Reads an object and those inside it, each once."""

    def __init__(self, backend: Backend, interpret: Interpret) -> None:
        self.backend, self.interpret = backend, interpret
        self._recipes: dict[int, Recipe] = {}

    def recipe(self, instance: Instance) -> Recipe:
        """Return the recipe of *instance*; raises `BadInput` where no binding fits."""
        if id(instance) not in self._recipes:
            self._recipes[id(instance)] = self._read(instance)
        return self._recipes[id(instance)]

    def _read(self, instance: Instance) -> Recipe:
        needed = f"{instance.name} as in the versions that are read"
        for kind, binding in self.backend.bindings.reading(instance.name):
            matching = _Matching(self, schedules()[kind], binding, instance)
            try:
                return matching.recipe()
            except _Unfit as unfit:
                needed = str(unfit) or needed
            except DiffersPerGroup:
                needed = "the same parameters for all parameter groups"
        if instance.base is not None:
            return self.recipe(instance.base)
        raise BadInput(instance.place, instance.own_class, needed)


class _Matching:
    """One binding, matched with one object."""

    def __init__(
        self, reader: _Reader, schedule: Schedule, binding: Binding, instance: Instance
    ) -> None:
        self.reader, self.schedule, self.instance = reader, schedule, instance
        self.binding = binding
        self.members: list[tuple[Instance, Recipe]] = []

    def recipe(self) -> Recipe:
        """Return the recipe that the binding makes of the object.

        Raises `_Unfit` where they do not fit, `BadInput` for a nested object that cannot be read.
        """
        self._check_constants()
        given: dict[str, Any] = dict(self.binding.where)
        functions: dict[str, list[LiveFunction]] = {}
        for name, argument in self._parameters().items():
            match self.schedule.parameters[name].type:
                case "schedule":
                    given[name] = self._member(argument)
                case "schedules":
                    given[name] = tuple(map(self._member, _each(argument)))
                case "formula":
                    functions[name] = self._functions(argument)
                case "integer" | "integers":
                    given[name] = _whole(_same(argument))
                case _:
                    given[name] = _same(argument)
        bases = self._base_lr()
        for name, every in functions.items():
            is_rate = self.schedule.kind == "lambda"
            formula = self.reader.interpret(every, bases if is_rate else None)
            if isinstance(formula, Recipe):
                return _recipe(formula.schedule, formula.given, formula.base_lr)
            given[name] = formula
        self._solve(given, bases)
        recipe = _recipe(self.schedule, given, bases)
        if not holds(self.binding, recipe, self.reader.backend):
            raise _Unfit
        self._check_members(bases)
        return recipe

    def _check_constants(self) -> None:
        for name, source in self.binding.arguments.items():
            if source.parameter == OPTIMIZER:
                if isinstance(self.instance.arguments.get(name), Instance):
                    raise _Unfit
            elif not isinstance(source.value, Formula) and self._argument(name) != source.value:
                raise _Unfit

    def _argument(self, name: str) -> Argument:
        if name in self.instance.arguments:
            return self.instance.arguments[name]
        missing = self.instance.missing.get(name, name)
        raise _Unfit(f"an attribute {missing}, as in the versions that are read")

    def _parameters(self) -> dict[str, Argument]:
        """Return the arguments that are a parameter as it is, by the parameters' names."""
        return {
            source.parameter: self._argument(name)
            for name, source in self.binding.arguments.items()
            if source.parameter in self.schedule.parameters
        }

    def _member(self, argument: Argument) -> Recipe:
        if not isinstance(argument, Instance):
            raise _Unfit
        recipe = self.reader.recipe(argument)
        self.members.append((argument, recipe))
        return replace(recipe, base_lr=None, single=True)

    def _functions(self, argument: Argument) -> list[LiveFunction]:
        every = self._per_group(argument)
        if not all(isinstance(function, LiveFunction) for function in every):
            raise _Unfit
        return every

    def _solve(self, given: dict[str, Any], bases: Sequence[float] | None) -> None:
        """Add the parameters for which the binding's formulas are solved to *given*."""
        for argument, (formula, unknown) in self.binding.solved().items():
            results = self._per_group(self._argument(argument))
            values = [
                solve(formula, unknown, result, {**given, "base_lr": base})
                for result, base in zip(results, bases or (1.0,) * len(results), strict=True)
            ]
            given[unknown] = the_same(values)

    def _base_lr(self) -> tuple[float, ...] | None:
        """Return the base rates: an argument, those of a nested object, or those stored."""
        for name, source in self.binding.arguments.items():
            if source.parameter == "base_lr":
                values = self._per_group(self._argument(name))
                if not all(isinstance(rate, (int, float)) for rate in values):
                    raise _Unfit
                return tuple(map(float, values))
        if not self.schedule.reads_base_lr:
            return None
        nested = (recipe.base_lr for _, recipe in self.members if recipe.base_lr is not None)
        bases = next(nested, self.instance.base_lr)
        if bases is None:
            self._argument("base_lr")
        return bases

    def _per_group(self, argument: Argument) -> list[Any]:
        if isinstance(argument, PerGroup):
            return list(argument)
        return [argument] * self.instance.groups

    def _check_members(self, bases: Sequence[float] | None) -> None:
        for instance, recipe in self.members:
            if recipe.base_lr is not None and bases is not None and recipe.base_lr != bases:
                inner, outer = (", ".join(map(repr, rates)) for rates in (recipe.base_lr, bases))
                expected = f"{outer}, that of the scheduler around it"
                raise BadInput(instance.place, f"a base rate of {inner}", expected)


def _recipe(
    schedule: Schedule, given: Mapping[str, Any], bases: tuple[float, ...] | None
) -> Recipe:
    values = {
        name: tuple(given[name]) if isinstance(given[name], list) else given[name]
        for name in schedule.parameters
        if name in given
    }
    return Recipe(schedule, values, bases, bases is None or len(bases) == 1)


def _each(argument: Argument) -> Sequence[Argument]:
    if not isinstance(argument, (list, tuple)):
        raise _Unfit
    return argument


def _same(argument: Argument) -> Any:
    """Return the one value that all parameter groups have; raises `DiffersPerGroup`."""
    return the_same(argument) if isinstance(argument, PerGroup) else argument


def _whole(number: Any) -> Any:
    if isinstance(number, (list, tuple)):
        return list(map(_whole, number))
    return int(number) if isinstance(number, float) and number.is_integer() else number
