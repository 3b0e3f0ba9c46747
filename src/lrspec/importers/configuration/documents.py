"""Recipe documents that the formats share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]


def constant(factor: float = 1.0) -> Document:
    """Return *factor* times the base rate, forever."""
    if factor == 1:
        return {"schedule": "constant", "factor": 1.0, "total_iters": 0}
    return formula(repr(factor))


def formula(factor: str) -> Document:
    """Return the base rate times the formula *factor*."""
    return {"schedule": "lambda", "factor": factor}


def sequence(schedules: Sequence[Document], milestones: Sequence[int]) -> Document:
    """Return *schedules* one after the other, each but the first from its milestone on."""
    return {"schedule": "sequential", "schedules": [*schedules], "milestones": [*milestones]}
