"""A dialect: what one framework does, in a range of its versions, as its folder declares it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec
from packaging.specifiers import SpecifierSet

from lrspec import resources
from lrspec.bindings.backend import Backend, backends
from lrspec.dialect.classes import classes
from lrspec.dialect.traced import TRACED_CONSTANTS, TRACED_FUNCTIONS
from lrspec.errors import Unsupported
from lrspec.json_input import read_document

_JUDGEMENTS = {
    "specification": "The specification is right.",
    "framework": "The framework is right.",
    "neither": "Neither is wrong: a choice.",
}


class Departure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place where a framework differs from the specification, and which side is right.

    `cause` is in the framework's terms, `do` is the advice, `versions` is a PEP 440 range, and
    `changes` is what it affects. `link` is the upstream report, `page` a draft of one under
    `reports/findings/`.
    """

    right: Literal["specification", "framework", "neither"]
    cause: str
    do: str
    versions: str
    checked: str
    changes: Literal["rate", "momentum"] = "rate"
    link: str | None = None
    page: str | None = None

    @property
    def judgement(self) -> str:
        """Which side is right, as a sentence."""
        return _JUDGEMENTS[self.right]

    def to_dict(self) -> dict[str, str]:
        """Return the departure as a JSON object, without the fields that are None."""
        return {name: text for name, text in msgspec.structs.asdict(self).items() if text}


@dataclass(frozen=True)
class Dialect:
    """The classes of a framework, their stepping protocol, and where they depart.

    `departures` are by their ids, the most specific first; `by_class` are the ids that the rules of
    each class name.
    """

    versions: SpecifierSet
    classes: Mapping[str, type]
    session: Callable[..., Any]
    departures: Mapping[str, Departure]
    by_class: Mapping[str, tuple[str, ...]]


def dialect_of(backend: Backend) -> Dialect | None:
    """Return the dialect of the framework of *backend*, None if its folder has none.

    Without a dialect, the framework is predicted to follow the specification.
    """
    return _load(backend.framework, backend.folder / "dialect")


def traced_classes(backend: Backend) -> Mapping[str, type]:
    """Return the classes of the framework of *backend* for traced numbers.

    They name no departures. Raises `Unsupported` if the framework has no dialect.
    """
    folder = backend.folder / "dialect"
    if not folder.is_dir():
        raise Unsupported(f"{backend.title} has no dialect")
    return _traced(backend.framework, folder)


@cache
def _traced(framework: str, folder: Path) -> Mapping[str, type]:
    rules = resources.read_json(folder / "classes.json")
    return classes(
        {name: _undeparted(rule) for name, rule in rules.items()},
        _protocol(framework, folder / "protocol.py"),
        TRACED_FUNCTIONS,
        TRACED_CONSTANTS,
    )


def _undeparted(rule: Any) -> Any:
    """Return *rule* without the conditions that only name a departure."""
    if isinstance(rule, dict):
        return {key: _undeparted(part) for key, part in rule.items() if key != "departure"}
    if isinstance(rule, list):
        parts = map(_undeparted, rule)
        return [part for part in parts if not isinstance(part, dict) or _acts(part)]
    return rule


def _acts(line: Mapping[str, Any]) -> bool:
    return bool(line.get("then") or line.get("raise"))


@cache
def _load(framework: str, folder: Path) -> Dialect | None:
    if not folder.is_dir():
        return None
    protocol = _protocol(framework, folder / "protocol.py")
    rules = resources.read_json(folder / "classes.json")
    return Dialect(
        versions=SpecifierSet(protocol.VERSIONS),
        classes=classes(rules, protocol),
        session=protocol.Session,
        departures=read_document(
            folder / "departures.json", dict[str, Departure], "the departures of one framework"
        ),
        by_class={name: tuple(dict.fromkeys(_named(rule))) for name, rule in rules.items()},
    )


def _named(rule: Any) -> Iterator[str]:
    """Return the departures that *rule* names."""
    if isinstance(rule, dict):
        yield from [rule["departure"]] if "departure" in rule else []
        rule = list(rule.values())
    for part in rule if isinstance(rule, list) else []:
        yield from _named(part)


@cache
def _protocol(framework: str, path: Path) -> ModuleType:
    """Return the stepping protocol, a module of lrspec's own package data."""
    spec = importlib.util.spec_from_file_location(f"lrspec_dialect_{framework}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def protocol_of(backend: Backend) -> ModuleType:
    """Return the stepping protocol of the framework of *backend*, which has a dialect."""
    return _protocol(backend.framework, backend.folder / "dialect" / "protocol.py")


def departures() -> dict[str, Departure]:
    """Return the departures of all frameworks, by their ids."""
    every: dict[str, Departure] = {}
    for backend in backends().values():
        dialect = dialect_of(backend)
        every |= dialect.departures if dialect else {}
    return every
