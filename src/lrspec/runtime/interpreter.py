"""Find the interpreter of a backend: named, from the environment, the running one, or nox's.

The working directory plays no part: an interpreter that lies in it is a stranger's program.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lrspec import resources
from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent


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
    if _is_installed(backend.package):
        return sys.executable, "the running interpreter"
    made = environment_python(resources.root(), backend.framework)
    if made.exists():
        return str(made), "made by nox"
    raise BackendAbsent(
        f"{backend.title} is not installed: run `nox -s environments` with Python "
        f"{backend.python} on the path, or name an interpreter that has "
        f"{backend.pins[0]} in LRSPEC_{backend.framework.upper()}_PYTHON"
    )


def environment_python(checkout: Path, framework: str) -> Path:
    """Return where nox puts the interpreter of *framework*'s environment, existing or not."""
    folder = checkout / ".nox" / f"backend-{framework}"
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _is_installed(package: str) -> bool:
    """Tell whether the running interpreter has *package*; a folder without code is none."""
    found = importlib.util.find_spec(package)
    return found is not None and found.origin is not None


def _existing(path: str, origin: str) -> tuple[str, str]:
    if not Path(path).is_file():
        raise BackendAbsent(f"{origin} names no interpreter: {path}")
    return path, origin
