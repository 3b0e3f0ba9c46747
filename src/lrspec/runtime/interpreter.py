"""Find the interpreter of a backend: named, from the environment, the running one, or nox's.

The working directory is never searched: an interpreter in it is untrusted.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lrspec import resources
from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent

_HAS = "import sys, importlib.util as u; print('found' if u.find_spec(sys.argv[1]) else 'missing')"
_SECONDS = 20


def reason_against(python: str, package: str) -> str:
    """Return why *python* cannot run *package*, an empty string if it is likely to."""
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own interpreter
            [python, "-c", _HAS, package],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        ).stdout.strip()
    except subprocess.TimeoutExpired:
        return f"no answer within {_SECONDS} s"
    except (OSError, ValueError) as error:
        reason: str = getattr(error, "strerror", None) or "no path"
        return reason.lower()
    if answer == "missing":
        return f"{package} is not installed there"
    return "" if answer == "found" else "not a Python interpreter"


def interpreter(
    backend: Backend, named: Mapping[str, str] | None = None, *, made_by_nox: bool = True
) -> tuple[str, str]:
    """Return the interpreter of *backend* and how it was found.

    *named* maps backends or frameworks to interpreters and takes precedence. The environments of
    the checkout are the last resort, if *made_by_nox*. Raises `BackendAbsent`, with what to do, if
    there is none.
    """
    keys = (backend.name, backend.framework)
    variables = [f"LRSPEC_{key.upper().replace('-', '_')}_PYTHON" for key in keys]
    chosen = [(f"--python {key}", (named or {}).get(key)) for key in keys]
    chosen += [(variable, os.environ.get(variable)) for variable in variables]
    for origin, path in chosen:
        if path:
            if not Path(path).is_file():
                raise BackendAbsent(f"no interpreter at {path} (from {origin})")
            return path, origin
    spec = importlib.util.find_spec(backend.package)
    if spec is not None and spec.origin is not None:  # an empty folder has no origin
        return sys.executable, "the running interpreter"
    environment = resources.root() / ".nox" / f"backend-{backend.framework}"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if made_by_nox and python.exists():
        return str(python), "made by nox"
    remedy = "install it in this environment"
    if made_by_nox and resources.root().name != "data":  # a checkout, not a wheel
        remedy = f"run `nox -s environments` with Python {backend.python} on the path"
    raise BackendAbsent(
        f"{backend.title} is not installed: {remedy}, or name an interpreter that has "
        f"{backend.pins[0]} in LRSPEC_{backend.framework.upper()}_PYTHON"
    )
