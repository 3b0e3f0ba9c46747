"""The messages of a worker, one JSON line each: first line, answers to runs, descriptions."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lrspec.runtime.observation import Answer
from lrspec.text_input import Line


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first line: the framework's version and scheduler classes, or why it is `absent`.

    `grafted` are the modules that were loaded from another release.
    """

    version: Line = ""
    installed: Line | None = None
    python: Line = ""
    classes: tuple[Line, ...] = ()
    absent: Line = ""
    grafted: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        if not (self.version or self.absent):
            raise ValueError("neither a version nor the reason why the framework is absent")


class Reply(Answer, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The answer to a run, with the statuses that a worker may give."""

    status: Literal["trace", "rejected", "errored"]
    id: int = 0


class Description(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The description of a scheduler by `worker/evaluate.py`, or the reason why there is none.

    `place` is the part of the request to which the reason applies; `found` is the type of a value
    that is not a scheduler.
    """

    status: Literal["description", "rejected", "errored", "crashed", "timeout"]
    id: int = 0
    reason: Line = ""
    description: dict[str, Any] | None = None
    place: Literal["", "file", "expression"] = ""
    found: Line = ""
