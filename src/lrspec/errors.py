"""The errors a person can meet."""

from __future__ import annotations

from typing import Any


class LrspecError(Exception):
    """The base of every error that lrspec raises on purpose."""


class BadInput(LrspecError, ValueError):
    """Something that a person wrote cannot be used: file, place, found, expected, in one line."""

    def __init__(self, place: str, found: Any, expected: str, file: str = "") -> None:
        self.place, self.found, self.expected, self.file = place, found, expected, file
        super().__init__(place, found, expected, file)

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.file else self.place
        return f"{where}: found {shortened(self.found)}, expected {self.expected}"

    def under(self, prefix: str) -> BadInput:
        """Return the same error, its place seen from outside *prefix*."""
        return BadInput(prefix + self.place.removeprefix("$"), self.found, self.expected, self.file)

    def in_file(self, file: str) -> BadInput:
        """Return the same error with its file named."""
        return BadInput(self.place, self.found, self.expected, file)


class Unsupported(LrspecError):
    """A framework has no native way to say a schedule; the message is the reason."""


class BackendAbsent(LrspecError):
    """A backend cannot be reached; the message says what is missing and what to do."""


def shortened(found: Any, limit: int = 60) -> str:
    """Return *found* as one printable line of at most *limit* characters."""
    text = found if isinstance(found, str) else repr(found)
    text = "".join(c if c.isprintable() else "?" for c in text[: 4 * limit])
    return text if len(text) <= limit else text[: limit - 1] + "…"
