"""A backend: one framework in one environment, in one of its modes, as its folder declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.errors import BadInput


@dataclass(frozen=True)
class Backend:
    """One mode of one framework.

    `bindings` lead from a recipe to the framework's words, `get_lr` from its objects to a recipe.
    `name` is the mode's name and the word that the command line takes; `framework` is the folder's.
    """

    name: str
    framework: str
    folder: Path
    document: Mapping[str, Any]
    bindings: Mapping[str, Any]
    reading: Mapping[str, Any]

    @property
    def mode(self) -> Mapping[str, Any]:
        """What the folder says of this mode."""
        found: Mapping[str, Any] = self.document["modes"][self.name]
        return found

    @property
    def title(self) -> str:
        """The name that a person reads."""
        return str(self.mode["title"])

    @property
    def python(self) -> str:
        """The version of Python that the pinned framework needs."""
        return str(self.document["python"])

    @property
    def precision(self) -> str:
        """The precision to hold a trace of this mode to: `float64`, or `float32` if no other."""
        return "float64" if self.mode["reported"] else str(self.mode["applied"])

    @property
    def pins(self) -> tuple[str, ...]:
        """The requirements of its environment."""
        lines = (self.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        return tuple(line for line in lines if line and not line.startswith("#"))

    def binding(self, kind: str) -> Mapping[str, Any]:
        """Return what the folder says of the schedule *kind*."""
        missing = {"cannot": [{"because": f"{self.title} has no such schedule"}]}
        found: Mapping[str, Any] = self.bindings.get(kind, missing)
        return found


def load(folder: Path) -> dict[str, Backend]:
    """Return the backends that *folder* declares, one a mode."""
    document = resources.read_json(folder / "backend.json")
    bindings = resources.read_json(folder / "bindings.json")
    reading = resources.read_json(folder / "reading.json") if _reads(folder) else {"classes": {}}
    return {
        mode: Backend(mode, document["name"], folder, document, bindings, reading)
        for mode in document["modes"]
    }


def _reads(folder: Path) -> bool:
    """Tell whether a backend says how its schedulers are read; one that does not can be driven."""
    return (folder / "reading.json").exists()


@cache
def backends() -> Mapping[str, Backend]:
    """Return every backend by its name, in the order that their folders ask for."""
    folders = (path.parent for path in (resources.root() / "backends").glob("*/backend.json"))
    loaded = [load(folder) for folder in sorted(folders)]
    loaded.sort(key=lambda modes: int(next(iter(modes.values())).document["order"]))
    return {name: backend for modes in loaded for name, backend in modes.items()}


def packages() -> list[str]:
    """Return the packages of all frameworks, by the names that they are imported under."""
    return list(dict.fromkeys(backend.document["import"] for backend in backends().values()))


def backend_of(name: str) -> Backend:
    """Return the backend called *name*; raises `BadInput` that lists the known ones."""
    if name not in backends():
        raise BadInput("--backend", name, f"one of {', '.join(backends())}")
    return backends()[name]
