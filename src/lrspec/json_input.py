"""Reading JSON safely: a person's file of bounded size, and documents of a declared form."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lrspec.errors import BadInput

_LARGEST = 1_000_000


def content(path: Path | None, expected: str = "a file") -> bytes:
    """Return the bytes of a file, or of standard input.

    Raises `BadInput`, saying what is *expected*, where there are none.
    """
    try:
        if path is None:
            found = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with path.open("rb") as file:
                found = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise BadInput("$", reason.lower(), expected) from error
    if len(found) > _LARGEST:
        raise BadInput("$", f"more than {_LARGEST} bytes", "a smaller file")
    return found


def decoded(content: bytes) -> Any:
    """Return what *content* says in JSON; raises `BadInput` for twin keys and infinite numbers."""
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_no_twins
        )
    except RecursionError as error:
        raise BadInput("$", "endless nesting", "a few levels") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadInput(place, error.msg.lower(), "JSON") from error
    except BadInput:
        raise
    except ValueError as error:
        raise BadInput("$", "no UTF-8 text, or a number without end", "JSON") from error


def _no_constant(name: str) -> float:
    raise BadInput("$", name, "finite numbers")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        twin = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise BadInput("$", f"the key {twin!r} twice", "each key once")
    return document


_T = TypeVar("_T")
_MISMATCH = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_PLACE = re.compile(r"(.*) - at (?:the key path )?`([^`]*)`", re.DOTALL)


def document(text: bytes | str, form: type[_T], expected: str) -> _T:
    """Return JSON *text* as a value of *form*, a `msgspec.Struct` or another type.

    Raises `BadInput` with the place of the first mismatch; *expected* says what the text should be.
    """
    try:
        return msgspec.json.decode(text, type=form)
    except msgspec.ValidationError as error:
        raise _mismatch(error, expected) from error
    except RecursionError as error:
        raise BadInput("$", "endless nesting", expected) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput("$", _sentence(error), expected) from error


def converted(value: Any, form: Any, expected: str) -> Any:
    """Return plain JSON data as a value of *form*; raises `BadInput` as `document` does."""
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        raise _mismatch(error, expected) from error


def read_document(path: Path, form: type[_T], expected: str) -> _T:
    """Return the JSON file at *path* as a value of *form*; raises `BadInput` that names it."""
    try:
        return document(file_bytes(path, expected), form, expected)
    except BadInput as error:
        raise error.in_file(str(path)) from error


def file_bytes(path: Path, expected: str) -> bytes:
    """Return the bytes of a file that lrspec wrote; raises `BadInput` that names it."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadInput("$", "no such file", expected, str(path)) from error
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise BadInput("$", reason, expected, str(path)) from error


def _mismatch(error: msgspec.ValidationError, expected: str) -> BadInput:
    """Return the error that msgspec's message describes: `WHAT - at `$.PLACE``."""
    parts = _PLACE.fullmatch(str(error))
    what, place = parts.groups() if parts else (str(error), "$")
    if isinstance(error.__cause__, BadInput):  # raised by the form itself
        return error.__cause__.under(place)
    types = _MISMATCH.fullmatch(what)
    if types:
        return BadInput(place, f"`{types[2]}`", f"`{types[1]}` in {expected}")
    return BadInput(place, _sentence(what), expected)


def _sentence(message: object) -> str:
    text = str(message)
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]
