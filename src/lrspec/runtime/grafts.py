"""Grafts: the scheduler modules of a framework's releases, without the frameworks.

A release's modules are loaded over the installed framework. A graft sees only these files: the
rest of the framework, its optimizers included, is of the installed version. `nox -s versions`
downloads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from lrspec import resources
from lrspec.bindings.backend import Backend
from lrspec.dialect.versions import release_of
from lrspec.errors import BackendAbsent, BadInput


@dataclass(frozen=True)
class Release:
    """A release of a framework: the name of one of its wheels, and the SHA-256 of that."""

    version: str
    wheel: str
    sha256: str

    @property
    def tag(self) -> tuple[str, str]:
        """The interpreter (`311`) and the platform that the wheel is for."""
        _, _, _, tags = parse_wheel_filename(self.wheel)
        tag = next(iter(tags))
        return tag.interpreter.removeprefix("cp"), tag.platform


@cache
def _document(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / "releases.json"
    return resources.read_json(path) if path.exists() else {}


def releases(backend: Backend) -> dict[str, Release]:
    """Return the releases of the framework of *backend* that are compared, the oldest first."""
    wheels = _document(backend.folder).get("wheels", {})
    found = [Release(wheel.split("-")[1], wheel, sha256) for wheel, sha256 in wheels.items()]
    return {r.version: r for r in sorted(found, key=lambda r: Version(r.version))}


def release_like(backend: Backend, version: str) -> str:
    """Return the release of *backend* that stands for *version*: that of its minor version.

    The schedulers of the releases of one minor version are the same. Raises `BadInput` for a
    version, and for a framework, of which no release is compared.
    """
    known = list(releases(backend))
    if not known:
        raise BadInput("the framework", backend.name, "one of which releases are compared")
    named = release_of(version)
    for release in known:
        if named is not None and Version(release).release[:2] == (named.major, named.minor):
            return release
    expected = f"a release of {backend.title} from {known[0]} to {known[-1]}"
    raise BadInput("the version", version, expected)


def files(backend: Backend) -> tuple[str, ...]:
    """Return the files of a wheel that a graft consists of, where the wheel has them."""
    return tuple(_document(backend.folder).get("files", ()))


def folder_of(backend: Backend, version: str) -> Path:
    """Return the folder of the files of one release."""
    return resources.root() / ".nox" / "releases" / backend.framework / version


def grafted(backend: Backend, version: str) -> Backend:
    """Return *backend* with the schedulers of *version*; raises `BackendAbsent` without them."""
    folder = folder_of(backend, version)
    if not (folder / files(backend)[0]).is_file():
        title = f"{backend.title} {version}"
        raise BackendAbsent(f"the files of {title} are missing: run `nox -s versions`")
    return backend.of(version, folder)
