"""The schemas that editors use, from the forms that the readers use.

A file names its schema in `$schema`; whether the file is valid is decided by its reader.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from lrspec import resources
from lrspec.report import upstream
from lrspec.scenario import declaration
from lrspec.suite import cases

FORMS = {
    "cases": cases.Document,
    "scenarios": declaration.Document,
    "upstream": upstream.Document,
}


def path(name: str) -> Path:
    """Return the path of the schema called *name*."""
    return resources.root() / "spec" / "schema" / f"{name}.schema.json"


def text(name: str) -> str:
    """Return the text of the schema called *name*."""
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:lrspec:schema:{name}",
        **msgspec.json.schema(FORMS[name]),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
