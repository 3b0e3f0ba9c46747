"""The file that a recipe is read from: JSON or YAML, or one of the published recipes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.errors import BadInput, did_you_mean, nearest
from lrspec.json_input import parse_json, read_bytes
from lrspec.spec.other_names import meant_schedules
from lrspec.spec.schedule import schedules

_EXPECTED = "a file or the name of a published recipe"
_YAML = (".yaml", ".yml")


def read_recipe_file(source: str | Path) -> Any:
    """Return the document at *source*: a file, `-`, or a published recipe's name.

    A file is JSON unless its name ends in `.yaml` or `.yml`; standard input is YAML unless it
    starts with a brace or a bracket. Raises `BadInput` with the file, and with what was probably
    meant.
    """
    path, name = _located(source)
    try:
        _reject_python(name)
        data = read_bytes(path, _EXPECTED)
        is_yaml = path.suffix.lower() in _YAML if path else not re.match(rb"\s*[\[{]", data)
        if not is_yaml:
            return parse_json(data)
        from lrspec.yaml_input import parse_yaml_1_2  # noqa: PLC0415 - JSON does not need it

        return parse_yaml_1_2(data)
    except BadInput as error:
        if path is not None and error.expected == _EXPECTED:
            hint = "; ".join([_EXPECTED, *_hints(str(source))])
            raise BadInput(error.place, error.found, hint, name) from error
        raise error.in_file(name) from error


def published() -> list[str]:
    """Return the names of the published recipes, in alphabetical order."""
    return sorted(path.stem for path in (resources.root() / "spec" / "recipes").glob("*.json"))


def _located(source: str | Path) -> tuple[Path | None, str]:
    if str(source) == "-":
        return None, "standard input"
    path = Path(source)
    stored = resources.root() / "spec" / "recipes" / f"{source}.json"
    with contextlib.suppress(OSError, ValueError):  # reading such a path fails later
        if not path.exists() and path.name == str(source) and stored.exists():
            return stored, str(source)
    return path, str(source)


def _reject_python(name: str) -> None:
    if name.endswith(".py"):
        example = f"the scheduler's expression after a colon, as in {name}:make()"
        raise BadInput("$", "a Python file", example)
    if ".py:" in name:
        found = "a scheduler, not a recipe"
        raise BadInput("$", found, f"what `lrspec read '{name}' > recipe.json` writes")


def _hints(source: str) -> Iterator[str]:
    """Yield what was probably meant by the name of a file that does not exist."""
    kinds = meant_schedules(source, schedules())
    for kind in kinds[:1]:
        yield f"`{kind}` is a schedule: `lrspec list {kind}` shows it, a recipe gives it numbers"
    near = [] if kinds else nearest(Path(source).stem, published())[:3]
    with contextlib.suppress(OSError, ValueError):
        folder = Path(source).parent
        names = [path.name for path in folder.iterdir() if path.suffix in (".json", *_YAML)]
        stems = {Path(name).stem: name for name in sorted(names)}
        close = nearest(Path(source).stem, stems)[:1]
        near = [str(folder / stems[stem]) for stem in close] + near
    if near:
        yield did_you_mean(near)
