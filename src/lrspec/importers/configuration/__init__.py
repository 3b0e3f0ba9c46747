"""Training configurations of other projects, read as recipes: one module per project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrspec.errors import BadInput, not_one_of
from lrspec.importers.configuration import paddleclas, paddledetection, transformers
from lrspec.importers.configuration.fields import Units
from lrspec.json_input import parse_json, read_bytes
from lrspec.spec.recipe import Recipe
from lrspec.yaml_input import parse_yaml_1_1


@dataclass(frozen=True)
class Format:
    """The configurations of one project: how to decode a file, and the recipe of its values."""

    decode: Callable[[bytes], Any]
    recipe: Callable[[Any, Units], Recipe]


#: Every format by its name on the command line.
FORMATS: Mapping[str, Format] = {
    "paddleclas": Format(parse_yaml_1_1, paddleclas.read),
    "paddledetection": Format(parse_yaml_1_1, paddledetection.read),
    "transformers": Format(parse_json, transformers.read),
}


def read_config(
    path: str | Path, name: str, *, updates_per_epoch: int | None = None, epochs: int | None = None
) -> Recipe:
    """Return the recipe, in updates, of the configuration at *path* (`-`: standard input).

    *name* is one of `FORMATS`. *updates_per_epoch* depends on the data; *epochs* replaces the
    number in the file. Raises `BadInput` with the file and the path of the value in it.
    """
    if name not in FORMATS:
        raise not_one_of("--format", name, FORMATS)
    config, source = FORMATS[name], None if str(path) == "-" else Path(path)
    try:
        document = config.decode(read_bytes(source))
        return config.recipe(document, Units(updates_per_epoch, epochs))
    except BadInput as error:
        option = error.place.startswith("--")
        raise (error if option else error.in_file(str(source or "standard input"))) from error
