"""The page's script: its modules joined into one classic script, which also runs from disk."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lrspec.bindings.backend import Backend, frameworks

ASSETS = Path(__file__).parent / "assets"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(?:\.{1,2}/[\w./]*?)?(\w+)\.mjs";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
_PROTOCOLS = "protocols"


def asset(name: str) -> str:
    """Return the text of one of the page's files."""
    return (ASSETS / name).read_text(encoding="utf-8")


def modelled() -> dict[str, Backend]:
    """Return the frameworks whose schedulers the page can step, by their names."""
    return {name: backend for name, backend in frameworks().items() if _protocol(backend).exists()}


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
    if name == _PROTOCOLS:
        texts = {key: _protocol(b).read_text(encoding="utf-8") for key, b in modelled().items()}
        entries = [f"{key}: {_scope(text, order)}" for key, text in texts.items()]
        order[name] = f"modules.{name} = {{ PROTOCOLS: {{ {', '.join(entries)} }} }};"
    else:
        scope = _scope(asset(f"{name}.mjs"), order)
        order[name] = f"modules.{name} = {scope};"


def _scope(text: str, order: dict[str, str]) -> str:
    """Return the module *text* as an expression, and add to *order* what it imports."""
    for _, imported in _IMPORT.findall(text):
        if imported not in order:
            _collect(imported, order)
    exported = ", ".join(exported for _, exported in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = modules.\2;", text))
    return f"(() => {{\n{body}return {{ {exported} }};\n}})()"


def _protocol(backend: Backend) -> Path:
    return backend.folder / "dialect" / "protocol.mjs"
