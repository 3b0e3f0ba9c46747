"""The fields of a configuration, taken one by one; what nobody took is refused by its name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_MOST = 10_000  # items of a list
#: The default of a field that must be there.
REQUIRED: Any = object()


@dataclass(frozen=True)
class Units:
    """What a configuration leaves to the data: an epoch's updates; and the run's epochs, if told.

    `epochs` takes the place of what the file says.
    """

    updates_per_epoch: int | None = None
    epochs: int | None = None

    def epoch(self) -> int:
        """Return how many updates make an epoch; raises `BadInput` where nobody said."""
        if self.updates_per_epoch is None:
            expected = "how many updates make an epoch: the configuration counts in epochs"
            raise BadInput("--updates-per-epoch", "nothing", expected)
        if self.updates_per_epoch < 1:
            raise BadInput("--updates-per-epoch", self.updates_per_epoch, "1 or more")
        return self.updates_per_epoch


class Fields:
    """The fields of the object at one place of a configuration; with *texts*, "1e-3" is a number.

    Every method takes one field and raises `BadInput`, with its place, where it is of another kind;
    `done` raises it for the first field that was not taken.
    """

    def __init__(self, document: Any, place: str, *, texts: bool = False) -> None:
        if not isinstance(document, Mapping):
            raise BadInput(place, described(document), "an object of named fields")
        self.place = place
        self._document = document
        self._texts = texts
        self._taken: list[str] = []

    def __contains__(self, name: str) -> bool:
        return self._document.get(name) is not None

    def take(self, name: str, default: Any = REQUIRED) -> Any:
        """Return the field as it stands; null is as good as nothing."""
        self._taken.append(name)
        found = self._document.get(name)
        if found is not None:
            return found
        if default is REQUIRED:
            raise BadInput(f"{self.place}.{name}", "nothing", "a value")
        return default

    def number(self, name: str, default: Any = REQUIRED, least: float | None = None) -> float:
        """Return a finite number, of at least *least* where there is such a bound."""
        found = self.take(name, default)
        if self._texts and isinstance(found, str) and _NUMBER.fullmatch(found.strip()):
            found = float(found)
        number = _number(found, f"{self.place}.{name}")
        if least is not None and number < least:
            raise BadInput(f"{self.place}.{name}", number, f"at least {least:g}")
        return number

    def whole(self, name: str, default: Any = REQUIRED, least: int = 0) -> int:
        """Return a whole number of at least *least*."""
        return whole(self.number(name, default), f"{self.place}.{name}", least)

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        """Return true or false."""
        found = self.take(name, default)
        if not isinstance(found, bool):
            raise BadInput(f"{self.place}.{name}", described(found), "true or false")
        return found

    def choice(self, name: str, choices: Sequence[str], default: Any = REQUIRED) -> str:
        """Return one of *choices*."""
        found = self.take(name, default)
        if found not in choices:
            raise BadInput(f"{self.place}.{name}", described(found), f"one of {', '.join(choices)}")
        return str(found)

    def numbers(self, name: str, default: Any = REQUIRED) -> list[float]:
        """Return a list of at least one number."""
        found = self.take(name, default)
        place = f"{self.place}.{name}"
        if not isinstance(found, list) or not 0 < len(found) <= _MOST:
            raise BadInput(place, described(found), f"a list of 1 to {_MOST} numbers")
        return [_number(item, f"{place}[{i}]") for i, item in enumerate(found)]

    def nothing(self, name: str, because: str) -> None:
        """Refuse the field *name*, saying what is expected in its place."""
        if name in self:
            raise BadInput(f"{self.place}.{name}", described(self._document[name]), because)
        self._taken.append(name)

    def done(self) -> None:
        """Raise `BadInput` for the first field that was not taken."""
        for name in self._document:
            if name not in self._taken:
                known = ", ".join(sorted(set(self._taken)))
                raise BadInput(f"{self.place}.{name!s:.40}", "an unknown field", f"only {known}")


def whole(found: float, place: str, least: int = 0) -> int:
    """Return *found* as an integer; raises `BadInput` where it is none, or below *least*."""
    nearest = round(found)
    if not math.isclose(found, nearest, rel_tol=1e-12) or nearest < least:  # 0.1 · 30 is whole
        raise BadInput(place, found, f"a whole number, {least} or more")
    return nearest


def described(found: Any) -> Any:
    """Return *found* as an error may show it: what is nested is named by its kind alone."""
    if isinstance(found, Mapping):
        return "an object"
    return f"a list of {len(found)}" if isinstance(found, list) else found


def _number(found: Any, place: str) -> float:
    plain = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not plain or abs(found) > 2**53 or not math.isfinite(found):
        raise BadInput(place, described(found), "a number")
    return found  # type: ignore[no-any-return]
