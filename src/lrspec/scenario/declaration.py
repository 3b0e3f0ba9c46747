"""The declarations of the scenarios in `spec/scenarios.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

import msgspec

from lrspec import resources
from lrspec.json_input import read_document

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One scenario: its rule's id, what is expected of it, and its variants, each in words."""

    id: Annotated[str, msgspec.Meta(pattern="^D[1-9][0-9]*$")]
    expects: Literal["undisturbed", "forms"]
    words: Text
    variants: dict[str, Text] = {}
    asked: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="variants that run only if they are selected by name, `jump:twice`"
        ),
    ] = ()
    forms: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="variants that expect forms although the others do not"),
    ] = ()
    misuse: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="variants that people use although they cannot work everywhere"),
    ] = ()


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ways to advance a scheduler, and what the specification expects of each."""

    schema: str = msgspec.field(default="", name="$schema")
    words: Text
    scenarios: Annotated[dict[str, Declaration], msgspec.Meta(min_length=1)]


@cache
def declared() -> Mapping[str, Declaration]:
    """Return the declaration of each scenario by its name, in the order of the file."""
    path = resources.root() / "spec" / "scenarios.json"
    return read_document(path, Document, "the scenarios and what is expected of each").scenarios
