"""Whose class a scheduler has: a framework's, or one that changes nothing of substance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.bindings.backend import Backend, backends, frameworks
from lrspec.errors import BadInput
from lrspec.worker import describe

#: A scheduler as `worker/describe.py` describes it.
Description = Mapping[str, Any]

#: What decides a rate wherever a subclass defines it, although its framework's class need not.
_DECIDES = frozenset({"_get_closed_form_lr", "__call__", "__getattribute__", "__getattr__"})
#: What a subclass may define although its framework's class does too.
_TELLS = frozenset({"print_lr"})


@dataclass(frozen=True)
class Lineage:
    """The backend whose class a scheduler has, or the docstring that claims its recipe.

    `name` is the class of the framework that it is read as.
    """

    backend: Backend | None
    name: str
    claim: str | None = None


def lineage(description: Description, place: str = "$") -> Lineage:
    """Return whose the class of *description* is.

    Raises `BadInput` for a class of no known framework, for one that a framework has and lrspec
    does not know, and for a subclass that overrides something of substance, unless the function
    that it follows claims a recipe.
    """
    classes = description["lineage"]
    for index, found in enumerate(classes):
        backend = _framework(found["module"])
        if backend is not None:
            if found["name"] not in backend.bindings.class_names():
                expected = f"a class of {backend.title} that lrspec knows"
                raise BadInput(place, found["name"], expected)
            changed = _changed(description, index)
            if not changed:
                return Lineage(backend, found["name"])
            for claim in describe.claims(description["held"]):
                return Lineage(None, found["name"], claim=claim)
            raise BadInput(place, *changed)
        if "Recipe:" in (found["doc"] or ""):
            return Lineage(None, found["name"], claim=found["doc"])
        for known in backends().values():
            if known.bindings.class_of(found["name"]).defined_in:
                return Lineage(known, found["name"])
    titles = ", ".join(backend.title for backend in frameworks().values() if backend.readable)
    raise BadInput(place, description["class"], f"a scheduler of {titles}")


def _framework(module: str) -> Backend | None:
    """Return the backend whose framework has *module*, in its plain mode."""
    top = module.partition(".")[0]
    return next((backend for backend in frameworks().values() if backend.package == top), None)


def _changed(description: Description, index: int) -> tuple[str, str] | None:
    """Return what a subclass, or the object itself, overrides of what decides a rate."""
    classes = description["lineage"]
    theirs = set().union(*(found["defines"] for found in classes[index:]))
    base = classes[index]["name"]
    if description["replaced"]:
        name = description["replaced"][0]
        found = f"{description['class']} with a {name} of its own"
        return found, f"{base}'s {name}: what another does cannot be known"
    for own in classes[:index]:
        for name in own["defines"]:
            plain = not name.startswith("__") and name in theirs and name not in _TELLS
            if plain or name in _DECIDES:
                found = f"{own['name']}, whose {name} is its own"
                return found, f"{base}'s {name}: what another does cannot be known"
    return None
