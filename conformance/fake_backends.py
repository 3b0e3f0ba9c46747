"""The fake backends of `conformance/fakes/`: a toy framework, with one flaw each."""

from __future__ import annotations

import shutil
from pathlib import Path

from lrspec import resources
from lrspec.bindings.backend import Backend, load

FAKES = resources.root() / "conformance" / "fakes"


def fake(name: str, folder: Path) -> Backend:
    """Create the fake called *name*, which may import others, in *folder*; return its backend."""
    shutil.copytree(FAKES / "toy", folder / name)
    for path in FAKES.glob("*.py"):
        shutil.copy(path, folder / name)
    shutil.copy(FAKES / f"{name}.py", folder / name / "worker.py")
    return load(folder / name)["toy"]
