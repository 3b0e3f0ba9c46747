"""A framework's model, stepped on plain or on traced numbers."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import FunctionType
from typing import Any, TypeAlias

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call
from lrspec.dialect.dialect import dialect_of, traced_classes
from lrspec.dialect.log import begin
from lrspec.dialect.traced import (
    Decision,
    Traced,
    Untraceable,
    begin_path,
    shifted,
    traced_namespace,
    tree_of,
)
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import name

#: The state variable that is the rate.
RATE = "rate"
#: The state variable that is the momentum, where the scheduler moves it.
MOMENTUM = "momentum"
_RESETS = 3  # an integer that is set back more often than this is no clock
#: Where a number lies: attributes, keys and indices from the session on.
Place: TypeAlias = tuple[Any, ...]
_GROUPS: Place = ("optimizer", "param_groups")


@dataclass(frozen=True)
class TracedStep:
    """One step: the decisions on the way, and the next value of each state variable.

    `rate` is the rate that it gives as a number.
    """

    t: int
    path: Sequence[Decision]
    result: Mapping[str, ast.expr]
    rate: float


class Model:
    """A session of a dialect, whose numbers can be read and replaced.

    With *traced*, its rules record how they compute. *metrics* are given to the steps, one each;
    None if they take none.
    """

    def __init__(
        self,
        backend: Backend,
        tree: Call,
        base_lr: Sequence[float],
        metrics: Sequence[float] | None,
        *,
        traced: bool = False,
    ) -> None:
        dialect = dialect_of(backend)
        if dialect is None:
            raise Unsupported(f"{backend.title} has no dialect")
        begin()
        self.metrics = metrics
        classes = traced_classes(backend) if traced else dialect.classes
        self.session = dialect.session(classes, tree, base_lr, backend.name)
        self.grouped = hasattr(self.session, "optimizer")
        #: Where the rate of the first group lies.
        self.rate: Place = (*_GROUPS, 0, "lr") if self.grouped else ("scheduler", "last_lr")
        if traced:
            for function in _functions(self.session.scheduler, set()):
                function.__globals__.update(traced_namespace())
            self._settle()  # a rule that reads pi may run in a constructor

    def numbers(self) -> dict[Place, Any]:
        """Return every number of the scheduler and of the parameter groups, by its place."""
        found = dict(_numbers(self.session.scheduler, ("scheduler",), set()))
        if self.grouped:
            found |= _numbers(self.session.optimizer.param_groups, _GROUPS, set())
        return found

    def step(self, t: int, *, traced: bool = False) -> Exception | None:
        """Step to *t*; return the exception that this raises."""
        metric: Any = None if self.metrics is None else self.metrics[t - 1]
        given = () if metric is None else (Traced(metric, name("metric")) if traced else metric,)
        try:
            self.session.step(*given)
        except (Untraceable, TypeError):
            raise
        except Exception as error:  # a model raises what its framework raises
            return error
        return None

    def traced_step(self, t: int, variables: Variables) -> TracedStep:
        """Step to *t* with traced numbers in the places of the state and of the step."""
        for place, number in self.numbers().items():
            self._set(place, variables.seed(place, number, t))
        path = begin_path()
        self.step(t, traced=True)
        decisions, numbers, names = [*path], self.numbers(), variables.names
        result = {names[p]: tree_of(number) for p, number in numbers.items() if p in names}
        self._settle()
        return TracedStep(t, decisions, result, self.numbers()[self.rate])

    def untraced_step(self, t: int) -> None:
        """Step to *t* without a record; constants such as pi are traced even so."""
        begin_path()
        self.step(t)
        self._settle()

    def _settle(self) -> None:
        """Replace the traced numbers by their values."""
        for place, number in self.numbers().items():
            if isinstance(number, Traced):
                self._set(place, number.value)

    def _set(self, place: Place, number: Any) -> None:
        container: Any = self.session
        for key in place[:-1]:
            container = container[key] if _indexed(container) else getattr(container, key)
        if _indexed(container):
            container[place[-1]] = number
        else:
            setattr(container, place[-1], number)


def _indexed(container: Any) -> bool:
    return isinstance(container, (list, dict))


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float, Traced)) and not isinstance(item, bool)


def _numbers(item: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, Any]]:
    """Yield the numbers in *item*: a scheduler, a list or a dictionary."""
    if _is_number(item):
        yield place, item
    elif _indexed(item):
        for key, inner in item.items() if isinstance(item, dict) else enumerate(item):
            yield from _numbers(inner, (*place, key), seen)
    elif hasattr(item, "step") and id(item) not in seen:
        seen.add(id(item))
        for key, inner in vars(item).items():
            if key != "optimizer":
                yield from _numbers(inner, (*place, key), seen)


def _functions(item: Any, seen: set[int]) -> Iterator[FunctionType]:
    """Yield the recipe's own functions in *item*; each has its own global names."""
    if isinstance(item, FunctionType):
        yield item
    elif isinstance(item, list):
        for inner in item:
            yield from _functions(inner, seen)
    elif hasattr(item, "step") and id(item) not in seen:
        seen.add(id(item))
        for inner in vars(item).values():
            yield from _functions(inner, seen)


class Variables:
    """The numbers of a model that change: clocks, which follow the step, and state variables.

    *before* are the numbers before each step from 1 on, *rate* is the place of the rate. `names`
    has the state variables by their places.
    """

    def __init__(self, before: Sequence[Mapping[Place, Any]], rate: Place) -> None:
        self.before = before
        places = dict.fromkeys(place for numbers in before for place in numbers)
        histories = {place: [numbers.get(place) for numbers in before] for place in places}
        changing = {p for p, h in histories.items() if any(a != b for a, b in pairwise(h))}
        self.clocks = {p for p in changing - {rate} if _is_clock(histories[p])}
        self.names: dict[Place, str] = {rate: RATE}
        momentum = (*_GROUPS, 0, MOMENTUM)
        if momentum in changing:
            self.names[momentum] = MOMENTUM
        for place in places:  # in the order of the attributes
            if place in changing - self.clocks - self.names.keys():
                self.names[place] = self._name(place)

    def _name(self, place: Place) -> str:
        stem = next(key for key in reversed(place) if isinstance(key, str)).lstrip("_")
        taken = {*self.names.values(), "t", "metric"}
        return next(n for n in (stem, *(f"{stem}_{i}" for i in range(2, 999))) if n not in taken)

    def at(self, index: int, variable: str) -> float:
        """Return the value of a state variable before step *index* + 1, or with -1 at the end."""
        place = next(place for place, own in self.names.items() if own == variable)
        value: float = self.before[index].get(place, math.nan)
        return value

    def seed(self, place: Place, number: Any, t: int) -> Any:
        """Return the *number* in *place* before step *t*, traced if it changes."""
        if place in self.clocks:
            return Traced(number, shifted(name("t"), int(number) - t))
        variable = self.names.get(place)
        return number if variable is None else Traced(number, name(variable))


def _is_clock(history: Sequence[Any]) -> bool:
    """Return whether a number counts the steps, however often it is set back or stands still."""
    if not all(type(number) is int for number in history):
        return False
    moves = [after - before for before, after in pairwise(history)]
    return sum(move not in (0, 1) for move in moves) <= _RESETS and 1 in moves
