"""What a backend's readings say of one described scheduler: its schedule, the parameters filled in.

`reading.json` is the other direction of `bindings.json`: a class, and formulas over what its object
holds. A formula reads the attributes by their names, without the underscores that these begin with;
`group_<option>` is an option of the parameter group at hand, and `<name>_is_<text>` tells whether
a string is that one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import parse

Description = Mapping[str, Any]


class Absent(Exception):
    """The object holds no attribute of a name that its reading needs."""


class Differs(Exception):
    """A parameter would have to differ between parameter groups."""


class Names(dict[str, Any]):
    """What a formula of a reading may read of one parameter group."""

    def __missing__(self, name: str) -> Any:
        of, found, text = name.partition("_is_")
        if found and of in self:
            return self[of] == text
        raise Absent(name)

    def has(self, name: str) -> bool:
        """Tell whether there is anything of this name."""
        return self.get(name) is not None


def names(held: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> list[Names]:
    """Return the names that formulas read, once a parameter group (once where there is none)."""
    plain = {name.lstrip("_"): _plain(item) for name, item in sorted(held.items(), reverse=True)}
    options = groups or [{}]
    return [Names({**plain, **{f"group_{k}": _plain(v) for k, v in o.items()}}) for o in options]


def _plain(item: Any) -> Any:
    match item:
        case {"float": text}:
            return float(text)
        case {"method": name}:
            return name.lstrip("_")
        case {"dict": inner}:
            return {name: _plain(part) for name, part in inner.items()}
        case list():
            return tuple(map(_plain, item))
    return item


class Filled:
    """Fills the entries of a reading with what a description holds.

    *member* reads a nested scheduler, *function* a function under a name. Raises `Differs` where
    one value would have to be another for each parameter group, and `Absent`.
    """

    def __init__(
        self,
        environments: Sequence[Names],
        member: Callable[[Description, str], Any],
        function: Callable[[Sequence[Mapping[str, Any]], str], Any],
    ) -> None:
        self.environments = environments
        self.member, self.function = member, function

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether *entry* speaks of this object."""
        first = self.environments[0]
        if not all(first.has(name) for name in entry.get("given", ())):
            return False
        if any(first.has(name) for name in entry.get("absent", ())):
            return False
        try:
            self.let(entry.get("let", {}))
        except Absent:
            return False
        condition = entry.get("when")
        return condition is None or all(map(bool, self.numbers(f"={condition}")))

    def let(self, named: Mapping[str, str]) -> None:
        """Give more names to what lies deeper: `phases.0.end`, or `rates.*`, one a group."""
        for name, path in named.items():
            for index, environment in enumerate(self.environments):
                environment[name] = _at(environment, path, index)

    def numbers(self, text: str) -> list[Any]:
        """Return the values of a formula, one a parameter group."""
        formula = parse(text.removeprefix("="))
        return [value(formula, environment) for environment in self.environments]

    def parameter(self, item: Any) -> Any:
        """Return the value, formula or nested recipe that *item* of a reading stands for."""
        match item:
            case str() if item.startswith("="):
                return same(self.numbers(item))
            case {"shortest": text, "that": forward, "is": exact}:
                return same(list(self._shortest(text, forward, exact)))
            case {"member": path}:
                return self.member(self.scheduler(path), path)
            case {"members": path}:
                found = _at(self.environments[0], path, 0)
                return [self.member(_scheduler(s), f"{path}[{i}]") for i, s in enumerate(found)]
            case {"function": path}:
                return self.function(self.functions(path), path)
            case {"schedule": kind, **parameters}:
                filled = {name: self.parameter(inner) for name, inner in parameters.items()}
                return {"schedule": kind, **filled}
            case list():
                return [self.parameter(inner) for inner in item]
        return item

    def scheduler(self, path: str) -> Description:
        """Return the nested scheduler at *path*."""
        return _scheduler(_at(self.environments[0], path, 0))

    def functions(self, path: str) -> list[Mapping[str, Any]]:
        """Return the function at *path*, once a parameter group."""
        return list(map(_function, self.each(path)))

    def each(self, path: str) -> list[Any]:
        """Return what lies at *path*, once a parameter group."""
        return [_at(environment, path, i) for i, environment in enumerate(self.environments)]

    def _shortest(self, text: str, forward: str, exact: str) -> Iterator[float]:
        """Return the shortest decimals x for which *forward* gives what the object holds."""
        formula = parse(forward)
        near, wanted = self.numbers(f"={text}"), self.numbers(f"={exact}")
        for guess, goal, environment in zip(near, wanted, self.environments, strict=True):
            if not math.isfinite(guess):
                raise Absent(exact)
            rounded = (float(f"{guess:.{digits}g}") for digits in range(1, 18))
            fits = (x for x in rounded if value(formula, {**environment, "x": x}) == goal)
            yield next(fits, guess)


def same(found: Sequence[Any]) -> Any:
    """Return the one value that all parameter groups have; raises `Differs` where they differ."""
    if any(other != found[0] for other in found[1:]):
        raise Differs
    return list(found[0]) if isinstance(found[0], tuple) else found[0]


def _at(names: Mapping[str, Any], path: str, group: int) -> Any:
    found: Any = names
    for part in path.split("."):
        if isinstance(found, tuple):
            index = group if part == "*" else int(part)
            if index >= len(found):
                raise Absent(path)
            found = found[index]
        elif isinstance(found, Mapping) and part in found:
            found = found[part]
        else:
            raise Absent(path)
    return found


def _scheduler(found: Any) -> Description:
    if not isinstance(found, Mapping) or "scheduler" not in found:
        raise BadInput("$", _said(found), "a scheduler")
    nested: Description = found["scheduler"]
    return nested


def _function(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping) or "function" not in found:
        raise BadInput("$", _said(found), "a function of the step")
    function: Mapping[str, Any] = found["function"]
    return function


def _said(found: Any) -> str:
    return str(found["object"]) if isinstance(found, Mapping) and "object" in found else repr(found)
