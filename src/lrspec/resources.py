"""The folders of the specification, the backends and the suite's data."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


@cache
def root() -> Path:
    """Return the folder that holds `spec/` and `backends/`: the wheel's data or the checkout."""
    installed = _PACKAGE / "data"
    return installed if installed.is_dir() else _PACKAGE.parent.parent


def read_json(path: Path) -> Any:
    """Return the content of one of the project's own JSON files."""
    return json.loads(path.read_text(encoding="utf-8"))
