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


def linear_warmup(steps: int, after: Document, **rates: float) -> Document:
    """Return a linear warmup of *steps* updates, *rates* at its ends, and what comes *after*.

    It is left out where it has no steps, and *after* where it is empty: the base rate follows.
    """
    if steps <= 0:
        return after
    following = {"after": after} if after else {}
    return {"schedule": "linear_warmup", "warmup_steps": steps, **rates, **following}
