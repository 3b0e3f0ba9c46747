"""The page's script: its modules joined into one classic script, which also runs from disk."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.mjs";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


def asset(name: str) -> str:
    """Return the text of one of the page's files."""
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def script(first: str = "page") -> str:
    """Return an expression: *first* after all that it imports, each in a scope of its own."""
    order: dict[str, str] = {}
    _collect(first, order)
    modules = "\n".join(order.values())
    body = f'"use strict";\nconst modules = {{}};\n{modules}\nreturn modules.{first};'
    return f"(() => {{\n{body}\n}})()"


def _collect(name: str, order: dict[str, str]) -> None:
    """Add the module *name* to *order*, after those that it imports."""
    text = asset(f"{name}.mjs")
    for _, imported in _IMPORT.findall(text):
        if imported not in order:
            _collect(imported, order)
    exported = ", ".join(exported for _, exported in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = modules.\2;", text))
    order[name] = f"modules.{name} = (() => {{\n{body}return {{ {exported} }};\n}})();"
