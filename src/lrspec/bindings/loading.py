"""The project's own JSON files as typed values."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec

from lrspec.json_input import converted

_T = TypeVar("_T", bound="Document")


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object of a JSON file; unknown keys are errors."""


def typed(item: Any, form: type[_T]) -> _T:
    """Return the JSON object *item* as a value of *form*; raises `BadInput` with its place."""
    keys = ", ".join(field.encode_name for field in msgspec.structs.fields(form))
    return cast("_T", converted(item, form, f"an object with the keys {keys}"))
