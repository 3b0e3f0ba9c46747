"""Reductions of a recipe: fewer members and parameters, shorter numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

Document = dict[str, Any]

_COUNTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 20, 50)
_NUMBERS = (1.0, 0.5, 0.0, 2.0, 0.1, 0.25)
_FORMULAS = ("t", "0.5", "1 - t", "0.5 ** t")


def reductions(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return documents that are one step simpler than *document*, the largest steps first.

    Not all of them are valid recipes: a step may break a bound.
    """
    yield from _members_alone(document)
    yield from _without(document)
    yield from _nested(document)
    yield from _shorter(document)


def _members_alone(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return each nested schedule in place of the whole."""
    base = {"base_lr": document["base_lr"]} if "base_lr" in document else {}
    for _, _, member in _inner(document):
        yield {**member, **base}


def _inner(document: Mapping[str, Any]) -> Iterator[tuple[str, int | None, Document]]:
    for name, value in document.items():
        if isinstance(value, dict) and "schedule" in value:
            yield name, None, value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield name, index, item


def _without(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return the document without one parameter, or without one item of its lists."""
    for name in document:
        if name != "schedule":
            yield {key: value for key, value in document.items() if key != name}
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    longest = max(map(len, lists.values()), default=0)
    for place in range(longest):
        for back in (0, 1):  # the items of a shorter list lie between those of the longest
            cut = {
                name: _cut(items, place - (back if len(items) < longest else 0))
                for name, items in lists.items()
            }
            yield {**document, **cut}


def _cut(items: list[Any], place: int) -> list[Any]:
    return [item for index, item in enumerate(items) if index != max(place, 0)]


def _nested(document: Mapping[str, Any]) -> Iterator[Document]:
    """Return the document with one nested schedule reduced."""
    for name, index, member in _inner(document):
        for other in chain(_grandchildren(member), reductions(member)):
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
    for name, value in document.items():
        if name == "base_lr":
            first = value[0] if isinstance(value, list) else value
            if value != 1:
                yield {**document, name: 1.0}
            if first != value:
                yield {**document, name: first}
        elif isinstance(value, list) and not any(isinstance(item, dict) for item in value):
            for index, item in enumerate(value):
                for other in _numbers(item):
                    items = list(value)
                    items[index] = other
                    yield {**document, name: items}
        elif name not in ("schedule", "about"):
            for other in _numbers(value):
                yield {**document, name: other}


def _numbers(value: Any) -> Iterator[Any]:
    """Return simpler numbers than a number, and simpler formulas than a formula."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from (count for count in _COUNTS if count < value)
        if value > _COUNTS[-1]:
            yield value // 2
        if value - 1 > 0:
            yield value - 1
    elif isinstance(value, float):
        yield from (n for n in _NUMBERS if len(repr(n)) < len(repr(value)))
        if value in _NUMBERS:
            yield from _NUMBERS[: _NUMBERS.index(value)]
    elif isinstance(value, str):
        yield from (text for text in _FORMULAS if len(text) < len(value))
