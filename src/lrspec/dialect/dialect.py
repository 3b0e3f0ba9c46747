"""A dialect: what one framework does, in a range of its versions, as its folder says."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from packaging.specifiers import SpecifierSet

from lrspec import resources
from lrspec.dialect.classes import classes


@dataclass(frozen=True)
class Departure:
    """A place where a framework differs from the specification, and which side is right.

    `right` is `specification`, `framework` or `neither`; `cause` is in the framework's terms, `do`
    says what to write instead. `link` is the upstream report, `page` one under `reports/findings/`.
    """

    id: str
    right: str
    cause: str
    do: str
    checked: str
    link: str | None = None
    page: str | None = None


@dataclass(frozen=True)
class Dialect:
    """The classes of a framework, their stepping protocol, and where they depart."""

    framework: str
    versions: SpecifierSet
    classes: Mapping[str, type]
    session: Callable[..., Any]
    departures: Mapping[str, Departure]


def dialect_of(framework: str) -> Dialect:
    """Return the dialect of *framework*; raises `KeyError` where its folder has none."""
    folder = resources.root() / "backends" / framework / "dialect"
    if not folder.is_dir():
        raise KeyError(framework)
    return _load(framework, folder)


@cache
def _load(framework: str, folder: Path) -> Dialect:
    protocol = _protocol(framework, folder / "protocol.py")
    rules = resources.read_json(folder / "classes.json")
    entries = resources.read_json(folder / "departures.json")
    return Dialect(
        framework=framework,
        versions=SpecifierSet(protocol.VERSIONS),
        classes=classes(rules, protocol),
        session=protocol.Session,
        departures={name: Departure(name, **entry) for name, entry in entries.items()},
    )


def _protocol(framework: str, path: Path) -> ModuleType:
    """Return the stepping protocol, a module of lrspec's own package data."""
    spec = importlib.util.spec_from_file_location(f"lrspec_dialect_{framework}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
