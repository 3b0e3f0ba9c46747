"""Recipes that are smaller than a recipe: fewer members and parameters, shorter numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

Document = dict[str, Any]

_COUNTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 20, 50)
_NUMBERS = (1.0, 0.5, 0.0, 2.0, 0.1, 0.25)
_FORMULAS = ("t", "0.5", "1 - t", "0.5 ** t")


def smaller(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return documents that are a step smaller than *document*, the boldest steps first.

    Not all of them are recipes: a step may break a bound, which whoever reads it is told.
    """
    yield from _members_alone(document)
    yield from _without(document)
    yield from _nested(document)
    yield from _shorter(document)


def _members_alone(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return each nested schedule in the place of the whole."""
    base = {"base_lr": document["base_lr"]} if "base_lr" in document else {}
    for _, _, member in _inner(document):
        yield {**member, **base}


def _inner(document: Mapping[str, Any]) -> Iterator[tuple[str, int | None, Document]]:
    for name, found in document.items():
        if isinstance(found, dict) and "schedule" in found:
            yield name, None, found
        elif isinstance(found, list):
            for index, item in enumerate(found):
                if isinstance(item, dict):
                    yield name, index, item


def _without(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return the document without one parameter, or without one place of its lists."""
    for name in document:
        if name != "schedule":
            yield {key: found for key, found in document.items() if key != name}
    lists = {name: found for name, found in document.items() if isinstance(found, list)}
    longest = max(map(len, lists.values()), default=0)
    for place in range(longest):
        for back in (0, 1):  # the shorter lists stand between the places of the longest
            cut = {
                name: _cut(found, place - (back if len(found) < longest else 0))
                for name, found in lists.items()
            }
            yield {**document, **cut}


def _cut(found: list[Any], place: int) -> list[Any]:
    return [item for index, item in enumerate(found) if index != max(place, 0)]


def _nested(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return the document with something smaller in the place of one nested schedule."""
    for name, index, member in _inner(document):
        for other in chain(_grandchildren(member), smaller(member)):
            if index is None:
                yield {**document, name: other}
            else:
                items = list(document[name])
                items[index] = other
                yield {**document, name: items}


def _grandchildren(member: Mapping[str, Any]) -> Iterator[Document]:
    for _, _, inner in _inner(member):
        yield inner


def _shorter(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return the document with one number, formula or list of numbers shortened."""
    for name, found in document.items():
        if name == "base_lr":
            found = found[0] if isinstance(found, list) else found  # noqa: PLW2901
            if document[name] != 1:
                yield {**document, name: 1.0}
            if found != document[name]:
                yield {**document, name: found}
        elif isinstance(found, list) and not any(isinstance(item, dict) for item in found):
            for index, item in enumerate(found):
                for other in _numbers(item):
                    items = list(found)
                    items[index] = other
                    yield {**document, name: items}
        elif name not in ("schedule", "about"):
            for other in _numbers(found):
                yield {**document, name: other}


def _numbers(found: Any) -> Iterator[Any]:
    if isinstance(found, bool) or found is None:
        return
    if isinstance(found, int):
        yield from (count for count in _COUNTS if count < found)
        if found > _COUNTS[-1]:
            yield found // 2
        if found - 1 > 0:
            yield found - 1
    elif isinstance(found, float):
        yield from (n for n in _NUMBERS if len(repr(n)) < len(repr(found)))
        if found in _NUMBERS:
            yield from _NUMBERS[: _NUMBERS.index(found)]
    elif isinstance(found, str):
        yield from (text for text in _FORMULAS if len(text) < len(found))
