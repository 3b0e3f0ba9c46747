"""Long lines of a source, broken so that they fit."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from typing import Any

from lrspec.codegen.comments import WIDTH

#: What a line of code may begin with, its expression, and what it may end with.
_STATEMENT = re.compile(r"( *)((?:return|if|elif) |[\w.]+ \*?= |(?:\w+=)?lambda t: )(.*?)([:,]?)")
_LONG_WORD = 40


def folded(line: str) -> list[str]:
    """Return a line of code as lines that fit, its expression in parentheses."""
    match = _STATEMENT.fullmatch(line) if len(line) > WIDTH else None
    if match is None:
        return [line]
    indent, head, expression, tail = match.groups()
    return [
        f"{indent}{head}(",
        *_wrapped(expression, f"{indent}    "),
        f"{indent}){tail}",
    ]


def json_lines(document: Any) -> list[str]:
    """Return JSON as lines of a docstring, broken after its commas and, if need be, at spaces.

    Joined with spaces, the lines are the document; a long formula without spaces gets them.
    """
    chunks = json.JSONEncoder().iterencode(_spaced(document))
    broken = (f",\n{chunk[2:]}" if chunk.startswith(", ") else chunk for chunk in chunks)
    lines: list[str] = []
    for item in "".join(broken).split("\n"):
        if lines and len(lines[-1]) + 1 + len(item) <= WIDTH - 4:
            lines[-1] += f" {item}"
        else:
            lines.extend([item] if "  " in item else _wrapped(item, "", WIDTH - 4))
    return lines


def _wrapped(text: str, indent: str, width: int = WIDTH) -> list[str]:
    """Return *text* in lines broken at its spaces."""
    wrapper = textwrap.TextWrapper(width, indent, indent)
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return wrapper.wrap(text)


def _spaced(document: Any) -> Any:
    """Return a recipe's document, with spaces in its formulas that have long words."""
    if isinstance(document, dict):
        return {key: _spaced(entry) for key, entry in document.items()}
    if isinstance(document, list):
        return [_spaced(entry) for entry in document]
    if isinstance(document, str) and max(map(len, document.split()), default=0) > _LONG_WORD:
        return ast.unparse(ast.parse(document.strip(), mode="eval"))
    return document
