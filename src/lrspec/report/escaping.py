"""Text from outside in Markdown: shown as text, never as a heading, a link, a table or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lrspec.errors import printable

_SPECIAL = re.compile(r"[\\\[\]|]")
_BLOCK = re.compile(r"^(?=\s*([#>~]|[=-]+\s*$))")  # begins a heading, a quotation or a fence


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def in_markdown(value: object) -> object:
    """Return a text as one line of Markdown; `Markdown`, and what is no text, is returned as it is.

    Code between single backticks stays code.
    """
    if not isinstance(value, str) or isinstance(value, Markdown):
        return value
    line = printable(re.sub(r"\s", " ", value))
    parts = line.split("`")
    if len(parts) % 2 == 0 or "``" in line:  # not all of them are in pairs
        parts = [line.replace("`", "'")]
    parts[::2] = [_SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", "\\|") for part in parts[1::2]]
    escaped = "`".join(parts).replace("&", "&amp;").replace("<", "&lt;")
    return _BLOCK.sub(r"\\", escaped)


def cells(texts: Iterable[str]) -> Markdown:
    """Return *texts* as the cells of a row of a table."""
    return Markdown(" | ".join(str(in_markdown(text)) for text in texts))


def code_block(text: str, language: str) -> Markdown:
    """Return *text* as a block of code, whose fence is longer than any in the text."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return Markdown(f"{fence}{language}\n{text.rstrip()}\n{fence}")
