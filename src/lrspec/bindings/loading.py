"""The project's own JSON files as typed values: one clear error, with its place, for a bad file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from lrspec.errors import BadInput

_T = TypeVar("_T", bound=msgspec.Struct)
_MISMATCH = re.compile(r"Expected `(?P<expected>.*)`, got `(?P<found>.*)`")
_NESTED = re.compile(r"(?P<place>\$.*?): found (?P<found>.*), expected (?P<expected>.*)", re.DOTALL)

#: How the values of a type are read where JSON has no such type.
Parsers = Mapping[type, Callable[[Any], Any]]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object of a JSON file; unknown keys are errors."""


def typed(document: Any, wanted: type[_T], place: str, parsers: Parsers) -> _T:
    """Return *document*, which lies at *place*, as a value of the type *wanted*.

    Raises `BadInput` that names the place of what is wrong.
    """
    try:
        return msgspec.convert(document, wanted, dec_hook=lambda t, item: parsers[t](item))
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        where = place + path.rstrip("`")
        if nested := _NESTED.fullmatch(message):
            raise BadInput(where, nested["found"], nested["expected"]) from error
        if mismatch := _MISMATCH.fullmatch(message):
            raise BadInput(where, mismatch["found"], mismatch["expected"]) from error
        keys = ", ".join(field.encode_name for field in msgspec.structs.fields(wanted))
        raise BadInput(where, message[0].lower() + message[1:], f"the keys {keys}") from error
