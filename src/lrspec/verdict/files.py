"""Write files whole or not at all, and the files of one run together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

_STAGED = ".new"


def write(path: Path, content: str | bytes, shown: Path | None = None) -> None:
    """Write *content* to *path* whole or not at all; an `OSError` names *shown*, or else *path*."""
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(shown or path)) from error


def write_together(
    folder: Path, files: Mapping[str, str | bytes], *, replaced: tuple[str, ...]
) -> None:
    """Write *files*, texts by their names, into *folder*; the last of them is its index.

    All are written under `.new` before any is moved to its place, so that a full disk leaves the
    earlier files as they are. The earlier index goes first, then the files that match *replaced*,
    and the new index comes last: what a kill leaves has no index, or that of one whole run.
    """
    *_, index = files
    staged = folder / _STAGED
    shutil.rmtree(staged, ignore_errors=True)  # of a run that was killed
    try:
        for name, content in files.items():
            write(staged / name, content, shown=folder / name)
        (folder / index).unlink(missing_ok=True)
        for pattern in replaced:
            for path in folder.glob(pattern):
                path.unlink()
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(folder / name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
