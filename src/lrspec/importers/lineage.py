"""The framework's class of a scheduler, whose own class may change only what affects no rate."""

from __future__ import annotations

from collections.abc import Iterator

from lrspec.bindings.backend import Backend, backends, frameworks
from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.importers.docstring import claim_of
from lrspec.spec.recipe import Recipe
from lrspec.worker import describe

#: Methods that decide a rate if a subclass defines them, even if its framework's class does not.
_DECIDES = frozenset({"_get_closed_form_lr", "__call__", "__getattribute__", "__getattr__"})
#: Methods of a framework's class that a subclass may override.
_HARMLESS = frozenset({"print_lr"})


def lineage(description: Description, place: str = "$") -> tuple[Backend, str] | Recipe:
    """Return the framework's class that *description* is read as, or the recipe that it claims.

    Raises `BadInput` for a class of no known framework, for one that a framework has and lrspec
    does not know, and for a subclass that overrides what decides a rate, unless the function that
    it follows claims a recipe.
    """
    for index, found in enumerate(description["lineage"]):
        name = found["name"]
        backend = _framework(found["module"])
        if backend is not None and name.startswith("_"):  # an older name of one of its bases
            continue
        if backend is not None:
            if name not in backend.bindings.class_names():
                raise BadInput(place, name, f"a class of {backend.title} that lrspec knows")
            changed = _changed(description, index)
            if not changed or has_own_rates(description):
                return backend, name
            claims = (claim_of(doc, place) for doc in describe.claims(description["held"]))
            if claim := next(filter(None, claims), None):
                return claim
            own, method = changed
            expected = f"{name}'s {method}: the effect of another one is unknown"
            raise BadInput(place, own, expected)
        if claim := claim_of(found["doc"], place):
            return claim
        for known in backends().values():
            if known.bindings.class_of(name).defined_in:
                return known, name
    titles = ", ".join(backend.title for backend in frameworks().values() if backend.readable)
    raise BadInput(place, description["class"], f"a scheduler of {titles}")


def has_own_rates(description: Description) -> bool:
    """Return whether a subclass of a framework's class changes its `get_lr`, and that alone."""
    if "own_rates" not in description or description["replaced"]:
        return False
    modules = [_framework(found["module"]) for found in description["lineage"]]
    index = next(index for index, backend in enumerate(modules) if backend is not None)
    return {method for _, method in _overriding(description, index)} == {"get_lr"}


def _framework(module: str) -> Backend | None:
    """Return the backend whose framework has *module*, in its plain mode."""
    top = module.partition(".")[0]
    return next((backend for backend in frameworks().values() if backend.package == top), None)


def _changed(description: Description, index: int) -> tuple[str, str] | None:
    """Return who overrides what decides a rate, a subclass or the object itself, and what it is.

    *index* is that of the framework's class in the lineage.
    """
    if description["replaced"]:
        method = description["replaced"][0]
        return f"{description['class']} with a {method} of its own", method
    for own, method in _overriding(description, index):
        return f"{own}, whose {method} is its own", method
    return None


def _overriding(description: Description, index: int) -> Iterator[tuple[str, str]]:
    """Yield each method that decides a rate and that a subclass overrides, and that subclass."""
    classes = description["lineage"]
    theirs = set().union(*(found["defines"] for found in classes[index:])) - _HARMLESS
    for own in classes[:index]:
        for method in own["defines"]:
            if method in _DECIDES or (method in theirs and not method.startswith("__")):
                yield own["name"], method
