"""What a recipe's `about` states: it does not affect the curve, and may be any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrspec.errors import shortened
from lrspec.spec.formula.grammar import MAX_INTEGER

About = Mapping[str, Any] | None
_TITLE = 200  # characters


def position(about: About) -> float:
    """Return the step that a scheduler was at when the recipe was read from it; 0 by default."""
    return _steps(about, "position")


def run(about: About) -> int:
    """Return the number of updates of the run that the recipe is for, 0 if none is stated."""
    updates = _steps(about, "run")
    return updates if isinstance(updates, int) else 0


def title(about: About, default: str) -> str:
    """Return the title in one printable line, *default* if there is none."""
    stated = (about or {}).get("title")
    return shortened(stated, _TITLE) if isinstance(stated, str) else default


def _steps(about: About, name: str) -> float:
    steps = (about or {}).get(name, 0)
    is_number = isinstance(steps, (int, float)) and not isinstance(steps, bool)
    return steps if is_number and 0 < steps <= MAX_INTEGER else 0
