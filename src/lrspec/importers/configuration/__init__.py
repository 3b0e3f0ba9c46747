"""Configurations that people already have, read as recipes: one small file a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.configuration import paddleclas, paddledetection, text, transformers
from lrspec.importers.configuration.fields import Units
from lrspec.json_input import read_bytes
from lrspec.spec.recipe import Recipe


@dataclass(frozen=True)
class Reader:
    """How the configurations of one project are read: its title, from bytes, and to a recipe."""

    title: str
    values: Callable[[bytes], Any]
    recipe: Callable[[Any, Units], Recipe]


_READERS = {
    "paddleclas": Reader("PaddleClas", text.yaml, paddleclas.read),
    "paddledetection": Reader("PaddleDetection", text.yaml, paddledetection.read),
    "transformers": Reader("transformers", text.json, transformers.read),
}


def readers() -> Mapping[str, Reader]:
    """Return every reader by the name that the command line takes."""
    return _READERS


def read_config(
    path: str | Path, name: str, *, updates_per_epoch: int | None = None, epochs: int | None = None
) -> Recipe:
    """Return the recipe, in updates, of the configuration at *path* (`-`: standard input).

    *name* is the project's. *updates_per_epoch* is what the data decide; *epochs* takes the place
    of the file's own. Raises `BadInput` with file, place, found and expected.
    """
    if name not in _READERS:
        raise BadInput("--as", name, f"one of {', '.join(_READERS)}")
    reader, source = _READERS[name], None if str(path) == "-" else Path(path)
    try:
        document = reader.values(read_bytes(source))
        return reader.recipe(document, Units(updates_per_epoch, epochs))
    except BadInput as error:
        option = error.place.startswith("--")
        raise (error if option else error.in_file(str(source or "standard input"))) from error
