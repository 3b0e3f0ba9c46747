"""The errors that a user of lrspec can meet."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

_LONG_LIST = 150


class LrspecError(Exception):
    """The base of every error that lrspec raises on purpose."""


class BadInput(LrspecError, ValueError):
    """Invalid input. Its text is one line: file, place, what was found and expected.

    *sentence* replaces "found …, expected …" where another wording is clearer.
    """

    def __init__(
        self, place: str, found: Any, expected: str, file: str = "", sentence: str = ""
    ) -> None:
        self.place, self.found, self.expected = place, found, expected
        self.file, self.sentence = file, sentence
        super().__init__(place, found, expected, file, sentence)

    def __str__(self) -> str:
        where = ": ".join(filter(None, [self.file, self.place]))
        sentence = self.sentence or f"found {shortened(self.found)}, expected {self.expected}"
        return f"{where}: {sentence}" if where else sentence

    def under(self, prefix: str) -> BadInput:
        """Return the same error with its place inside *prefix*."""
        place = prefix + self.place.removeprefix("$")
        return BadInput(place, self.found, self.expected, self.file, self.sentence)

    def in_file(self, file: str) -> BadInput:
        """Return the same error with its file named."""
        return BadInput(self.place, self.found, self.expected, file, self.sentence)


@contextmanager
def under(prefix: str) -> Iterator[None]:
    """Put *prefix* before the place of a `BadInput` that is raised in the block."""
    try:
        yield
    except BadInput as error:
        raise error.under(prefix) from error


@contextmanager
def located(file: object, prefix: str = "") -> Iterator[None]:
    """Name *file* in a `BadInput` that is raised inside, and put its place under *prefix*."""
    try:
        yield
    except BadInput as error:
        placed = error.under(prefix) if prefix else error
        raise placed.in_file(str(file)) from error


@contextmanager
def of_form(expected: str) -> Iterator[None]:
    """Raise `BadInput` where a document that is read inside is not of the *expected* form.

    For documents of lrspec's own, which have a schema: what does not fit is found by use.
    """
    try:
        yield
    except BadInput:
        raise
    except (AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError) as error:
        raise BadInput("$", f"{type(error).__name__}: {error}", expected) from error


class Unsupported(LrspecError):
    """A framework has no native way to express a schedule; the message is the reason."""


class BackendAbsent(LrspecError):
    """A backend is not available; the message names what is missing and the remedy."""


def missing(place: str, name: str, meaning: str) -> BadInput:
    """Return the error that the required key *name* is missing at *place*."""
    sentence = f"`{name}` is required ({meaning})"
    return BadInput(f"{place}.{name}", "nothing", meaning, sentence=sentence)


def unknown(
    place: str,
    what: str,
    name: object,
    known: Iterable[str],
    allowed: str,
    meant: Sequence[str] = (),
) -> BadInput:
    """Return the error that *name* is not a *what*, with what was *meant*.

    By default, that is the most similar of the *known* names. *allowed* lists the valid names; if
    it is long and a name is suggested, it is left out.
    """
    shown = shortened(str(name), 40)
    meant = meant or nearest(shown, known)
    parts = [f"unknown {what} `{shown}`"]
    if not meant or len(allowed) < _LONG_LIST:
        parts.append(allowed)
    if meant:
        parts.append(did_you_mean(meant))
    return BadInput(place, f"an unknown {what}", allowed, sentence="; ".join(parts))


def not_one_of(place: str, name: str, known: Iterable[str], meant: Sequence[str] = ()) -> BadInput:
    """Return the error that *name* is none of the *known* names, with what was *meant*.

    By default, that is the most similar of them.
    """
    known = list(known)
    meant = meant or nearest(name, known)
    question = f"; {did_you_mean(meant)}" if meant else ""
    return BadInput(place, name, f"one of {', '.join(known)}{question}")


def did_you_mean(names: Iterable[str]) -> str:
    """Return the question whether one of *names* was meant."""
    return f"did you mean {' or '.join(f'`{name}`' for name in names)}?"


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the *known* names that contain *name*, else the most similar one; case is ignored."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = [candidate for candidate in by_lower if name.lower() in candidate][:3]
    if len(name) < 2 or not matches:
        matches = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return [by_lower[match] for match in matches]


def printable(text: str) -> str:
    """Return *text* with a question mark for each control or other character without a shape."""
    return "".join(c if c.isprintable() else "?" for c in text)


def shortened(value: Any, limit: int = 60) -> str:
    """Return *value* as one printable line of at most *limit* characters."""
    text = value if isinstance(value, str) else repr(value)
    text = printable(text[: 4 * limit])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def described(value: object) -> str:
    """Return a JSON value as text for an error: objects and long lists only by their type."""
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return json.dumps(value[:100], ensure_ascii=False)
        case int() if value.bit_length() > 64:
            return f"an integer of {int(value.bit_length() * math.log10(2)) + 1} digits"
        case Mapping():
            return "an object"
        case list() if len(value) > 4:
            return f"a list of {len(value)} items"
        case list():
            return f"[{', '.join(map(described, value))}]"
    return repr(value)
