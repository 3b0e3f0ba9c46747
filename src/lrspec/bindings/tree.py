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


@dataclass(frozen=True)
class LiveFunction:
    """A function that a live object holds, as `worker/functions.py` describes it."""

    described: Mapping[str, Any]
    place: str


class PerGroup(tuple[Any, ...]):
    """The values of one argument, one a parameter group, where they are not all the same."""

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
    without their names.
    """

    name: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    positional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instance:
    """A live object: the call that would build it, and what it stores besides its arguments.

    `name` is the class that it is read as, `own_class` its own, which may derive from that;
    `missing` maps each argument that cannot be recovered to the attribute that the object lacks;
    `base_lr` is the base rate of each of its parameter groups, None where it stores none; `state`
    is the state of the schedule's state machine; `base` is the same object as an instance of a base
    class, for what no binding of its own class describes.
    """

    name: str
    arguments: Mapping[str, Argument]
    own_class: str = ""
    place: str = "$"
    missing: Mapping[str, str] = field(default_factory=dict)
    groups: int = 1
    base_lr: tuple[float, ...] | None = None
    position: float = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    base: Instance | None = None


#: What an argument may be: a JSON value, a list of such, or one of the classes above.
Argument: TypeAlias = Union[
    bool,
    int,
    float,
    str,
    Variable,
    Function,
    LiveFunction,
    Call,
    Instance,
    "Sequence[Argument]",
    None,
]


def classes(value: Argument) -> set[str]:
    """Return the names of all classes that *value* calls."""
    if isinstance(value, Call):
        return {value.name}.union(*map(classes, value.arguments.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*map(classes, value))
    return set()
