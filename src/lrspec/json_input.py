"""A person's file: bytes of a bounded size, and JSON without surprises."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

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
