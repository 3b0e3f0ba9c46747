"""Reading a user's file: bytes of a bounded size, and JSON without ambiguities."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from lrspec.errors import BadInput, shortened

_MAX_BYTES = 1_000_000


def read_bytes(path: Path | None, expected: str = "a file") -> bytes:
    """Return the bytes of a file, or of standard input where *path* is None.

    Raises `BadInput`, which says what is *expected*, where it cannot be read, and for a file of
    more than a million bytes.
    """
    try:
        if path is None:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise BadInput("$", reason.lower(), expected) from error
    if len(data) > _MAX_BYTES:
        raise BadInput("$", f"more than {_MAX_BYTES} bytes", "a smaller file")
    return data


def parse_json(data: bytes) -> Any:
    """Return the value of the JSON text *data*.

    Raises `BadInput` for what is not JSON, a repeated key, an infinite number, or one of more
    digits than Python converts.
    """
    try:
        return json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_unique
        )
    except RecursionError as error:
        raise _invalid("$", "lists or objects are nested too deeply") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _invalid(place, f"{error.msg[:1].lower()}{error.msg[1:]}") from error
    except BadInput:
        raise
    except UnicodeDecodeError as error:
        raise _invalid("$", "the text is not UTF-8") from error
    except ValueError as error:
        raise _invalid("$", "a number has too many digits") from error


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
