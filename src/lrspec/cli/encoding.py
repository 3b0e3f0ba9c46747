"""Output in any encoding: characters that a terminal or a pipe does not have are replaced."""

from __future__ import annotations

import codecs
import sys
from contextlib import suppress

#: Replacements of one character each, so that lines keep their widths, and some longer ones.
_REPLACED = {
    **dict(zip("▁▂▃▄▅▆▇█", "__===###", strict=True)),
    **dict(zip("✓✗≠—−·×─━", "+x!--.x--", strict=True)),
    "…": "...",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
}
_NAME = "lrspec"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end]
    return "".join(_REPLACED.get(c) or _escaped(c) for c in part), error.end


def _escaped(character: str) -> str:
    """Return the escape of *character* that Python and JSON share."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def accept_any_text() -> None:
    """Make standard output and error replace what their encoding does not have."""
    codecs.register_error(_NAME, _replaced)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # replaced or closed
            stream.reconfigure(errors=_NAME)  # type: ignore[union-attr]
