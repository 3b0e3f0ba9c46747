"""A tree of calls of a framework's classes, with the arguments that their constructors take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Union

from lrspec.spec.formula.grammar import Formula


@dataclass(frozen=True)
class Variable:
    """A variable of the source, such as `optimizer`, written as its name."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function of the step: a formula in t."""

    formula: Formula


class PerGroup(tuple[Any, ...]):
    """The values of one argument, one per parameter group, if they are not all the same."""

    __slots__ = ()


class DiffersPerGroup(Exception):
    """A value would have to differ between parameter groups."""


def the_same(values: Sequence[Any]) -> Any:
    """Return the one value that all parameter groups have; raises `DiffersPerGroup`."""
    if any(other != values[0] for other in values[1:]):
        raise DiffersPerGroup
    return values[0]


def per_group_or_same(values: Sequence[Any]) -> Argument:
    """Return the one value of all parameter groups, or `PerGroup` where they differ."""
    same: Argument = values[0]
    return PerGroup(values) if any(other != same for other in values[1:]) else same


@dataclass(frozen=True)
class Call:
    """A call of a framework's class or function.

    Its arguments have the names that the constructor gives them; those in `positional` are written
    without their names. `state` are attributes that are set on the object afterwards.
    """

    name: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    state: Mapping[str, float] = field(default_factory=dict)


#: What an argument may be: a JSON value, a list of such, or one of the classes above.
Argument: TypeAlias = Union[
    bool, int, float, str, Variable, Function, Call, "Sequence[Argument]", None
]


def classes(value: Argument) -> set[str]:
    """Return the names of all classes that *value* calls."""
    if isinstance(value, Call):
        return {value.name}.union(*map(classes, value.arguments.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*map(classes, value))
    return set()
