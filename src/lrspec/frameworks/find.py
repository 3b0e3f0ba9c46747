"""Where the interpreter of a backend is: named, in the environment, made by nox, or this one."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lrspec import data
from lrspec.errors import BackendAbsent
from lrspec.frameworks.backend import Backend


def interpreter(backend: Backend, named: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return the interpreter of *backend* and how it was found.

    *named* maps the names of backends or frameworks to interpreters and comes first. Raises
    `BackendAbsent`, with what to do, where there is none.
    """
    keys = (backend.name, backend.framework)
    for key in keys:
        if named and key in named:
            return _existing(named[key], f"--python {key}")
    for key in keys:
        variable = f"LRSPEC_{key.upper().replace('-', '_')}_PYTHON"
        if os.environ.get(variable):
            return _existing(os.environ[variable], variable)
    for checkout in dict.fromkeys((Path.cwd(), data.root())):
        path = environment_python(checkout, backend.framework)
        if path.exists():
            return str(path), "made by nox"
    if importlib.util.find_spec(backend.document["import"]) is not None:
        return sys.executable, "the running interpreter"
    raise BackendAbsent(
        f"{backend.title} is not installed: run `nox -s environments` with Python "
        f"{backend.python} on the path, or name an interpreter that has "
        f"{backend.pins[0]} in LRSPEC_{backend.framework.upper()}_PYTHON"
    )


def environment_python(checkout: Path, framework: str) -> Path:
    """Return where nox puts the interpreter of *framework*'s environment, existing or not."""
    folder = checkout / ".nox" / f"backend-{framework}"
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _existing(path: str, origin: str) -> tuple[str, str]:
    if not Path(path).is_file():
        raise BackendAbsent(f"{origin} names no interpreter: {path}")
    return path, origin
