"""The fields of a configuration, read one by one; a field that is never read is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput, described

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_MAX_ITEMS = 10_000
#: The default of a required field.
REQUIRED: Any = object()


@dataclass(frozen=True)
class Units:
    """The updates per epoch, which depend on the data and not on a configuration.

    `epochs`, if given, replaces the number of epochs in the file.
    """

    updates_per_epoch: int | None = None
    epochs: int | None = None

    def per_epoch(self) -> int:
        """Return the updates per epoch; raises `BadInput` if they were not given."""
        if self.updates_per_epoch is None:
            expected = "the updates per epoch, since the configuration counts in epochs"
            raise BadInput("--updates-per-epoch", "nothing", expected)
        if self.updates_per_epoch < 1:
            raise BadInput("--updates-per-epoch", self.updates_per_epoch, "1 or more")
        return self.updates_per_epoch


class Fields:
    """The fields of the object at *place* in a configuration; with *texts*, "1e-3" is a number.

    Each method reads one field and raises `BadInput`, with its path, if it has the wrong type;
    `done` raises it for the first field that was never read.
    """

    def __init__(self, document: Any, place: str, *, texts: bool = False) -> None:
        if not isinstance(document, Mapping):
            raise BadInput(place, described(document), "an object of named fields")
        self.place = place
        self._document = document
        self._texts = texts
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return self._document.get(name) is not None

    def take(self, name: str, default: Any = REQUIRED) -> Any:
        """Return the value of a field; null counts as missing."""
        self._taken.add(name)
        value = self._document.get(name)
        if value is not None:
            return value
        if default is REQUIRED:
            raise self.error(name, "nothing", "a value")
        return default

    def error(self, name: str, found: Any, expected: str) -> BadInput:
        """Return the error for the field *name*, whose value is *found* and not *expected*."""
        return BadInput(f"{self.place}.{name}", found, expected)

    def number(self, name: str, default: Any = REQUIRED, least: float | None = None) -> float:
        """Return a finite number, at least *least* if that is given."""
        value = self.take(name, default)
        if self._texts and isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        number = _number(value, f"{self.place}.{name}")
        if least is not None and number < least:
            raise self.error(name, number, f"at least {least:g}")
        return number

    def whole(self, name: str, default: Any = REQUIRED, least: int = 0, *, times: int = 1) -> int:
        """Return *times* a number, which is a whole number of at least *least*."""
        return whole(self.number(name, default) * times, f"{self.place}.{name}", least)

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        """Return true or false."""
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise self.error(name, described(value), "true or false")
        return value

    def choice(self, name: str, choices: Sequence[str], default: Any = REQUIRED) -> str:
        """Return one of *choices*."""
        value = self.take(name, default)
        if value not in choices:
            raise self.error(name, described(value), f"one of {', '.join(choices)}")
        return str(value)

    def numbers(self, name: str, default: Any = REQUIRED) -> list[float]:
        """Return a list of at least one number."""
        value = self.take(name, default)
        if not isinstance(value, list) or not 0 < len(value) <= _MAX_ITEMS:
            raise self.error(name, described(value), f"a list of 1 to {_MAX_ITEMS} numbers")
        return [_number(item, f"{self.place}.{name}[{i}]") for i, item in enumerate(value)]

    def wholes(self, name: str, default: Any = REQUIRED, *, times: int = 1) -> list[int]:
        """Return *times* each number of a list, which are whole numbers of 0 or more."""
        numbers = enumerate(self.numbers(name, default))
        return [whole(number * times, f"{self.place}.{name}[{i}]") for i, number in numbers]

    def done(self) -> None:
        """Raise `BadInput` for the first field that was never read."""
        for name in self._document:
            if name not in self._taken:
                known = ", ".join(sorted(self._taken))
                raise BadInput(f"{self.place}.{name!s:.40}", "an unknown field", f"only {known}")


def whole(number: float, place: str, least: int = 0) -> int:
    """Return *number* as an integer; raises `BadInput` if it is not one, or less than *least*."""
    nearest = round(number)
    if not math.isclose(number, nearest, rel_tol=1e-12) or nearest < least:  # 0.1 · 30 is whole
        raise BadInput(place, number, f"a whole number, {least} or more")
    return nearest


def _number(value: Any, place: str) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or abs(value) > 2**53 or not math.isfinite(value):
        raise BadInput(place, described(value), "a number")
    return value  # type: ignore[no-any-return]
