"""Names that schedules, parameters, backends and commands have elsewhere, and what they stand for.

The names of the frameworks' classes and arguments are those of their bindings; those of other
libraries are in `spec/other_names.json`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from lrspec import resources

_MOST = 3  # names that are suggested
_ENDINGS = ("lrscheduler", "scheduler", "schedule", "decay", "lr")


def meant_schedules(name: str, kinds: Collection[str]) -> list[str]:
    """Return the schedules that *name*, of a class or of a schedule elsewhere, stands for."""
    last = _plain(name.rpartition(".")[2])
    stem = next((last.removesuffix(end) for end in _ENDINGS if last.endswith(end)), last)
    by_class = [kind for _, kind in _calls() if _ == last]
    others = _names()["schedules"].items()
    named = [kind for kind, words in others if last in map(_plain, words)]
    equal = [kind for kind in kinds if _plain(kind) in (last, stem)]
    by_stem = [kind for kind, words in others if stem in map(_plain, words)]
    return _first([*equal, *by_class, *named, *by_stem], kinds)


def meant_parameters(name: str, kind: str, parameters: Collection[str]) -> list[str]:
    """Return those of *parameters*, of the schedule *kind*, that *name* stands for elsewhere."""
    plain = _plain(name)
    equal = [parameter for parameter in parameters if _plain(parameter) == plain]
    bound = [parameter for argument, parameter in _arguments(kind) if _plain(argument) == plain]
    groups = [group for group in _names()["parameters"] if plain in map(_plain, group)]
    first = [group[0] for group in groups if group[0] in parameters]
    others = [word for group in groups for word in group if word in parameters]
    return _first([*equal, *bound, *(first or others)], parameters)


def meant_choices(name: str, choices: Collection[str]) -> list[str]:
    """Return those of *choices* that *name* stands for elsewhere."""
    known = _names()["choices"].items()
    return _first([word for word, others in known if _plain(name) in others], choices)


def meant_backends(name: str, known: Mapping[str, Collection[str]]) -> list[str]:
    """Return the backends that *name* stands for; *known* are the other names of each."""
    plain = _plain(name)
    others = _names()["backends"]
    every = {backend: {*words, *others.get(backend, ())} for backend, words in known.items()}
    return _first([b for b, words in every.items() if plain in map(_plain, words)], known)


def meant_commands(name: str, known: Collection[str]) -> list[str]:
    """Return those of the commands *known* that *name* stands for elsewhere."""
    others = _names()["commands"].items()
    return _first([command for command, words in others if _plain(name) in words], known)


def reason_against(name: str) -> str:
    """Return why *name* is no part of any recipe, an empty string if that is not known."""
    reasons: dict[str, str] = _names()["no_part_of_a_recipe"]
    return reasons.get(name, "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _first(names: Iterable[str], known: Collection[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name in known][:_MOST]


@cache
def _names() -> Any:
    return resources.read_json(resources.root() / "spec" / "other_names.json")


@cache
def _bindings() -> list[tuple[str, Mapping[str, Any]]]:
    """Return each binding of each framework, with the kind of its schedule."""
    paths = sorted((resources.root() / "backends").glob("*/bindings.json"))
    return [
        (kind, binding)
        for path in paths
        for kind, entry in resources.read_json(path)["schedules"].items()
        for binding in entry.get("bindings", ())
        if "class" in binding
    ]


def _calls() -> Iterator[tuple[str, str]]:
    yield from ((_plain(binding["class"]), kind) for kind, binding in _bindings())


def _arguments(kind: str) -> Iterator[tuple[str, str]]:
    """Yield each argument of the classes of *kind* that is one parameter, with the parameter."""
    for own, binding in _bindings():
        if own == kind:
            for argument, source in binding.get("arguments", {}).items():
                if isinstance(source, str):
                    yield argument, source
