"""Read JSON safely: a user's file of bounded size, and documents of a declared form."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from lrspec.errors import BadInput, located, shortened

if TYPE_CHECKING:
    import msgspec

#: The largest number of bytes of a user's file, and of the records and results of a run.
MAX_BYTES = 1_000_000
MAX_RECORD_BYTES = 1_000_000_000


def open_file(path: Path) -> BinaryIO:
    """Return the open file at *path*; raises `BadInput` for what is none, without waiting for it.

    A pipe or a device might never end.
    """
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - `Path` has no opener
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise BadInput("$", "a pipe or a device", "a file; - is standard input")
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(path: Path | None, expected: str = "a file", limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file, or of standard input if *path* is None.

    Raises `BadInput`, with what was *expected*, for a file that cannot be read or that has more
    than *limit* bytes.
    """
    if path is not None and not str(path).isprintable():
        raise BadInput("$", "a file name with control characters", expected)
    try:
        if path is None:
            data = sys.stdin.buffer.read(limit + 1)
            too_large = len(data) > limit
        else:
            with open_file(path) as file:
                too_large = os.fstat(file.fileno()).st_size > limit
                data = b"" if too_large else file.read()
    except BadInput:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise BadInput("$", reason.lower(), expected) from error
    if too_large:
        raise BadInput("$", f"more than {limit} bytes", "a smaller file")
    return data


def parse_json(data: bytes) -> Any:
    """Return the value of the JSON text *data*.

    Raises `BadInput` for invalid JSON, a repeated key, a number that is not finite, and one with
    more digits than Python converts.
    """
    try:
        value = json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_unique
        )
        if b"\\u" in data:  # it may be half of a surrogate pair, which has no UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise _invalid("$", "lists or objects are nested too deeply") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _invalid(place, _sentence(error.msg)) from error
    except BadInput:
        raise
    except UnicodeError as error:
        raise _invalid("$", "the text is not UTF-8") from error
    except ValueError as error:
        raise _invalid("$", "a number has too many digits") from error
    return value


def _invalid(place: str, reason: str) -> BadInput:
    return BadInput(place, reason, "JSON", sentence=f"invalid JSON: {reason}")


def _no_constant(name: str) -> float:
    raise _invalid("$", f"{name} is not a finite number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise _invalid("$", f'the key "{shortened(key, 40)}" appears twice')
    return document


_T = TypeVar("_T")
_MISMATCH = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_PLACE = re.compile(r"(.*) - at (?:the key path )?`([^`]*)`", re.DOTALL)


def document(text: bytes | str, form: type[_T], expected: str) -> _T:
    """Return JSON *text* as a value of *form*, a `msgspec.Struct` or another type.

    Raises `BadInput` with the place of the first mismatch; *expected* describes the text.
    """
    import msgspec  # noqa: PLC0415 - a recipe does not need it

    try:
        return msgspec.json.decode(text, type=form)
    except msgspec.ValidationError as error:
        raise _mismatch(error, expected) from error
    except RecursionError as error:
        raise BadInput("$", "too deeply nested JSON", expected) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput("$", _sentence(error), expected) from error


def converted(value: Any, form: Any, expected: str) -> Any:
    """Return plain JSON data as a value of *form*; raises `BadInput` as `document` does.

    A class that msgspec does not know is called with the data in its place.
    """
    import msgspec  # noqa: PLC0415 - a recipe does not need it

    try:
        return msgspec.convert(value, form, dec_hook=lambda unknown, item: unknown(item))
    except msgspec.ValidationError as error:
        raise _mismatch(error, expected) from error
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise BadInput("$", "text that is not Unicode", expected) from error


def read_document(path: Path, form: type[_T], expected: str) -> _T:
    """Return the JSON file at *path* as a value of *form*; raises `BadInput` that names it."""
    with located(path):
        return document(read_bytes(path, expected, MAX_RECORD_BYTES), form, expected)


def _mismatch(error: msgspec.ValidationError, expected: str) -> BadInput:
    """Return the error in msgspec's message: `WHAT - at `$.PLACE``."""
    parts = _PLACE.fullmatch(str(error))
    what, place = parts.groups() if parts else (str(error), "$")
    if isinstance(error.__cause__, BadInput):  # raised by the form itself
        return error.__cause__.under(place)
    if "matching regex '^[^" in what:  # of `Line` and `Text`
        return BadInput(place, "control characters", "text without control characters")
    types = _MISMATCH.fullmatch(what)
    if types:
        return BadInput(place, f"`{types[2]}`", f"`{types[1]}` in {expected}")
    return BadInput(place, _sentence(what), expected)


def _sentence(message: object) -> str:
    text = str(message)
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]
