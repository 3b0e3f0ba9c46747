"""The values of names in a file that is read and not run."""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The names of a scope, in front of those of the scopes around it.
Names = ChainMap[str, Any]


@dataclass(frozen=True)
class Unknown:
    """What cannot be read without running the file, and the line it is on.

    `are_parameters` tells whether it can only be parameters of a model, and so no groups of them.
    """

    line: int
    what: str
    are_parameters: bool = False


class Unread(Exception):
    """Raised where a value is needed and is `unknown`."""

    def __init__(self, unknown: Unknown) -> None:
        self.unknown = unknown
        super().__init__(unknown.what)


@dataclass(frozen=True)
class Imported:
    """A module, or a name in one, by its full path."""

    path: str


@dataclass(frozen=True)
class Builtin:
    """One of Python's own functions."""

    function: Callable[..., Any]


@dataclass(frozen=True, eq=False)
class UserFunction:
    """A lambda or a function of the file, the names around it, and the values of its defaults."""

    node: ast.Lambda | ast.FunctionDef
    names: Names
    name: str
    bound: Mapping[str, Any] = field(default_factory=dict)


def needed(value: Any) -> Any:
    """Return *value*; raises `Unread` if it is unknown."""
    if isinstance(value, Unknown):
        raise Unread(value)
    return value


def is_object(value: Any) -> bool:
    """Return whether *value* has attributes that may change: a scheduler or an optimizer."""
    fixed = (int, float, str, list, tuple, dict, type(None))
    return not isinstance(value, (*fixed, Unknown, Imported, Builtin, UserFunction))


def is_number(value: Any) -> bool:
    """Return whether *value* is an integer, a float or a Boolean."""
    return isinstance(value, (int, float))
