"""A dialect: what one framework does, in a range of its versions, as its folder declares it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, cast

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from lrspec import resources
from lrspec.bindings.backend import Backend, backends
from lrspec.dialect.classes import classes
from lrspec.dialect.traced import TRACED_CONSTANTS, TRACED_FUNCTIONS
from lrspec.dialect.versions import of_version, release_of
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

    def holds_in(self, version: Version) -> bool:
        """Return whether the framework departs in *version*."""
        return version in SpecifierSet(self.versions)

    @property
    def judgement(self) -> str:
        """Which side is right, as a sentence."""
        return _JUDGEMENTS[self.right]

    def to_dict(self) -> dict[str, str]:
        """Return the departure as a JSON object, without the fields that are None."""
        return {name: text for name, text in msgspec.structs.asdict(self).items() if text}


@dataclass(frozen=True)
class Dialect:
    """The classes of one version of a framework, their stepping protocol, and where they depart.

    `versions` are those that are modeled, `version` the one that this is. `departures` are by their
    ids, the most specific first; `by_class` are the ids that the rules of each class name.
    """

    versions: SpecifierSet
    version: Version
    classes: Mapping[str, type]
    session: Callable[..., Any]
    departures: Mapping[str, Departure]
    by_class: Mapping[str, tuple[str, ...]]


def dialect_of(backend: Backend) -> Dialect | None:
    """Return the dialect of the framework of *backend* in its version, None if it has none.

    For a version that is not modeled, it is that of the newest one that is. Without a dialect, the
    framework is predicted to follow the specification.
    """
    folder = backend.folder / "dialect"
    if not folder.is_dir():
        return None
    return _load(backend.framework, folder, _modeled(backend))


def traced_classes(backend: Backend) -> Mapping[str, type]:
    """Return the classes of the framework of *backend* for traced numbers.

    They name no departures. Raises `Unsupported` if the framework has no dialect.
    """
    folder = backend.folder / "dialect"
    if not folder.is_dir():
        raise Unsupported(f"{backend.title} has no dialect")
    return _traced(backend.framework, folder, _modeled(backend))


def _modeled(backend: Backend) -> Version:
    """Return the modeled version that *backend* is predicted as."""
    protocol = _protocol(backend.framework, backend.folder / "dialect" / "protocol.py", None)
    version = release_of(backend.version)
    known = version is not None and version in SpecifierSet(protocol.VERSIONS)
    return version if version is not None and known else Version(protocol.NEWEST)


@cache
def _traced(framework: str, folder: Path, version: Version) -> Mapping[str, type]:
    rules = of_version(resources.read_json(folder / "classes.json"), version)
    return classes(
        {name: _undeparted(rule) for name, rule in rules.items()},
        _protocol(framework, folder / "protocol.py", version),
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
def _load(framework: str, folder: Path, version: Version) -> Dialect:
    protocol = _protocol(framework, folder / "protocol.py", version)
    rules = of_version(resources.read_json(folder / "classes.json"), version)
    return Dialect(
        versions=SpecifierSet(protocol.VERSIONS),
        version=version,
        classes=classes(rules, protocol),
        session=protocol.Session,
        departures={name: d for name, d in _departures(folder).items() if d.holds_in(version)},
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
def _protocol(framework: str, path: Path, version: Version | None) -> ModuleType:
    """Return the stepping protocol for *version*, a module of lrspec's own package data."""
    spec = importlib.util.spec_from_file_location(f"lrspec_dialect_{framework}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    vars(module)["VERSION"] = version
    spec.loader.exec_module(module)
    return module


def protocol_of(backend: Backend) -> ModuleType:
    """Return the stepping protocol of *backend*, whose framework has a dialect."""
    path = backend.folder / "dialect" / "protocol.py"
    return _protocol(backend.framework, path, _modeled(backend))


def rules_of(backend: Backend) -> Mapping[str, Any]:
    """Return the rules of the classes of *backend*, whose framework has a dialect, as JSON."""
    rules = resources.read_json(backend.folder / "dialect" / "classes.json")
    return cast("Mapping[str, Any]", of_version(rules, _modeled(backend)))


@cache
def _departures(folder: Path) -> Mapping[str, Departure]:
    known = "the departures of one framework"
    return read_document(folder / "departures.json", dict[str, Departure], known)


def departures() -> dict[str, Departure]:
    """Return the departures of all frameworks, in all versions, by their ids."""
    folders = (backend.folder / "dialect" for backend in backends().values())
    return {
        name: departure
        for folder in dict.fromkeys(folders)
        if folder.is_dir()
        for name, departure in _departures(folder).items()
    }
