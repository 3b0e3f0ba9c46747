"""From a live scheduler to its recipe: the bindings of its class, read backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lrspec.bindings.arguments import OPTIMIZER
from lrspec.bindings.document import Binding
from lrspec.bindings.solving import solve
from lrspec.bindings.tree import DiffersPerGroup, PerGroup, per_group_or_same, the_same
from lrspec.bindings.writing import holds
from lrspec.errors import BadInput
from lrspec.importers import docstring
from lrspec.importers.live_scheduler import Absent, LiveFunction, LiveScheduler
from lrspec.importers.python_function.formula import formula_of
from lrspec.importers.python_function.own_rates import factors_of
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule, schedules


class _Unfit(Exception):
    """A binding does not describe a scheduler."""


def recipe_of(scheduler: LiveScheduler) -> Recipe:
    """Return the recipe of the first binding that fits, its values unchecked.

    It is without base rates if it reads none. Raises `BadInput` where no binding fits.
    """
    recipes = scheduler.composition.recipes
    if scheduler not in recipes:
        recipes[scheduler] = _read(scheduler)
    return recipes[scheduler]


def _read(scheduler: LiveScheduler) -> Recipe:
    if scheduler.own_rates:
        return _of_own_rates(scheduler, scheduler.own_rates)
    needed = f"{scheduler.name} as in the versions that are read"
    for kind, binding in scheduler.bindings.reading(scheduler.name):
        matching = _Matching(schedules()[kind], binding, scheduler)
        try:
            return matching.recipe()
        except _Unfit:
            continue
        except Absent as absent:
            needed = f"an attribute {absent}, as in the versions that are read"
        except DiffersPerGroup:
            needed = "the same parameters for all parameter groups"
    if scheduler.base is not None:
        return recipe_of(scheduler.base)
    raise scheduler.error(needed)


def _of_own_rates(scheduler: LiveScheduler, described: Mapping[str, Any]) -> Recipe:
    """Return the recipe of a subclass with its own `get_lr`."""
    factors = factors_of(described, scheduler.place, scheduler.description["class"])
    bases = tuple(map(float, described["bases"]))
    return _recipe(schedules()["lambda"], {"factor": per_group_or_same(factors)}, bases)


class _Matching:
    """One binding, matched with one scheduler."""

    def __init__(self, schedule: Schedule, binding: Binding, scheduler: LiveScheduler) -> None:
        self.schedule, self.binding, self.scheduler = schedule, binding, scheduler
        self.backend = scheduler.composition.backend
        self.members: list[LiveScheduler] = []

    def recipe(self) -> Recipe:
        """Return the recipe that the binding makes of the scheduler.

        Raises `_Unfit` where they do not fit, `Absent` where an argument cannot be recovered, and
        `BadInput` for a nested scheduler that cannot be read.
        """
        self._check_constants()
        given: dict[str, Any] = dict(self.binding.where)
        functions: dict[str, Any] = {}
        for name, argument in self._parameters().items():
            type_ = self.schedule.parameters[name].type
            if type_ == "formula":
                functions[name] = argument
            else:
                given[name] = self._value(type_, argument)
        bases = self._base_lr()
        for name, argument in functions.items():
            formula = self._formula(argument, bases)
            if isinstance(formula, Recipe):
                return _recipe(formula.schedule, formula.given, formula.base_lr)
            given[name] = formula
        self._solve(given, bases)
        recipe = _recipe(self.schedule, given, bases)
        if not holds(self.binding, recipe, self.backend):
            raise _Unfit
        self._check_members(bases)
        return recipe

    def _check_constants(self) -> None:
        for name, source in self.binding.arguments.items():
            if not isinstance(source.value, Formula):
                if self.scheduler.argument(name) != source.value:
                    raise _Unfit
            elif source.parameter == OPTIMIZER:  # it is not described, a scheduler in its place is
                with suppress(Absent):
                    if isinstance(self.scheduler.argument(name), LiveScheduler):
                        raise _Unfit

    def _parameters(self) -> dict[str, Any]:
        """Return the arguments that are a parameter as it is, by the parameters' names."""
        return {
            source.parameter: self._argument(name)
            for name, source in self.binding.arguments.items()
            if source.parameter in self.schedule.parameters
        }

    def _argument(self, name: str) -> Any:
        """Return an argument, with one value per group only where the class takes a list."""
        argument = self.scheduler.argument(name)
        if isinstance(argument, PerGroup):
            self._combined(name, argument)
        return argument

    def _combined(self, name: str, values: Sequence[Any]) -> Any:
        per_group = self.scheduler.bindings.class_of(self.scheduler.name).per_group
        return per_group_or_same(values) if name in per_group else the_same(values)

    def _value(self, type_: str, argument: Any) -> Any:
        """Return the value of a parameter of *type_* that *argument* gives."""
        match type_:
            case "schedule":
                return self._member(argument)
            case "schedules":
                if not isinstance(argument, list):
                    raise _Unfit
                return tuple(map(self._member, argument))
        return _whole(argument) if type_ in ("integer", "integers") else argument

    def _member(self, argument: Any) -> Recipe:
        if not isinstance(argument, LiveScheduler):
            raise _Unfit
        self.members.append(argument)
        return replace(recipe_of(argument), base_lr=None, single=True)

    def _formula(self, argument: Any, bases: Sequence[float] | None) -> Any:
        """Return the formulas of functions, or the whole recipe that those of a rate claim."""
        functions = self._per_group(argument)
        if not all(isinstance(function, LiveFunction) for function in functions):
            raise _Unfit
        place, described = functions[0].place, [function.described for function in functions]
        if self.schedule.kind == "lambda" and bases is not None:
            factors = self.backend.groups == "factors"
            claim = docstring.of_functions(described, bases, place, factors=factors)
            if claim is not None:
                return claim
        return per_group_or_same([formula_of(function, place) for function in described])

    def _solve(self, given: dict[str, Any], bases: Sequence[float] | None) -> None:
        """Add the parameters for which the binding's formulas are solved to *given*."""
        for argument, (formula, unknown) in self.binding.solved().items():
            results = self._per_group(self.scheduler.argument(argument))
            values = [
                solve(formula, unknown, result, {**given, "base_lr": base})
                for result, base in zip(results, bases or (1.0,) * len(results), strict=True)
            ]
            given[unknown] = self._combined(argument, values)

    def _base_lr(self) -> tuple[float, ...] | None:
        """Return the base rates: an argument, those of a nested scheduler, or those stored."""
        for name, source in self.binding.arguments.items():
            if source.parameter == "base_lr":
                values = self._per_group(self.scheduler.argument(name))
                if not all(isinstance(rate, (int, float)) for rate in values):
                    raise _Unfit
                return tuple(map(float, values))
        if not self.schedule.reads_base_lr:
            return None
        nested = (recipe_of(member).base_lr for member in self.members)
        return next(filter(None, nested), None) or self.scheduler.base_lr

    def _per_group(self, argument: Any) -> list[Any]:
        if isinstance(argument, PerGroup):
            return list(argument)
        return [argument] * len(self.scheduler.composition.groups)

    def _check_members(self, bases: Sequence[float] | None) -> None:
        for member in self.members:
            rates = recipe_of(member).base_lr
            if rates is not None and bases is not None and rates != bases:
                inner, outer = (", ".join(map(repr, every)) for every in (rates, bases))
                expected = f"{outer}, that of the scheduler around it"
                raise BadInput(member.place, f"a base rate of {inner}", expected)


def _recipe(
    schedule: Schedule, given: Mapping[str, Any], bases: tuple[float, ...] | None
) -> Recipe:
    values = {
        name: tuple(given[name]) if isinstance(given[name], list) else given[name]
        for name in schedule.parameters
        if name in given
    }
    return Recipe(schedule, values, bases, bases is None or len(bases) == 1)


def _whole(number: Any) -> Any:
    if isinstance(number, (list, tuple)):
        return list(map(_whole, number))
    return int(number) if isinstance(number, float) and number.is_integer() else number
