"""What would happen if classes were replaced one by one by those of another framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from lrspec.bindings.arguments import OPTIMIZER
from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call, Variable, classes
from lrspec.bindings.writing import write
from lrspec.codegen.rendering import render
from lrspec.dialect import rates
from lrspec.errors import BadInput, Unsupported
from lrspec.scenario.builders import horizons
from lrspec.scenario.steps import Steps
from lrspec.spec.origin import Origin
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.departing import departing
from lrspec.suite.telling import with_telling_metrics
from lrspec.verdict.compare import compare, pair


@dataclass(frozen=True)
class ClassByClass:
    """The classes of the original beside those of the target, and what the latter would do.

    `rows` has a pair of calls for each schedule, the outer ones first; the second is the reason
    where the target has no class. `lines` are sentences on the rates of the target's classes.
    """

    rows: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


#: No class of the user's has a `get_lr` of its own.
NO_OWN_CLASSES: Mapping[Any, str] = MappingProxyType({})


def class_by_class(
    recipe: Recipe, target: Backend, own_classes: Mapping[Any, str] = NO_OWN_CLASSES
) -> ClassByClass:
    """Return the classes of *recipe*, which has a dialect, beside those of *target*.

    *own_classes* are the user's own classes in the place of the framework's, by their factors.
    Raises `BadInput` where its own framework cannot express it.
    """
    origin, _ = rates.origin_of(recipe)
    rows = tuple(_rows(recipe.specified, origin, target, own_classes))
    return ClassByClass(rows, tuple(_lines(recipe, target)))


def _rows(
    recipe: Recipe, origin: Backend, target: Backend, own_classes: Mapping[Any, str]
) -> Iterator[tuple[str, str]]:
    own = own_classes.get(recipe.given.get("factor"))
    theirs = f"{own}, whose get_lr is its own" if own else _call(recipe, origin)
    yield theirs, _call(recipe, target)
    for member in recipe.members():
        inner = replace(member, base_lr=recipe.base_lr, single=recipe.single)
        yield from _rows(inner, origin, target, own_classes)


def _call(recipe: Recipe, backend: Backend) -> str:
    """Return the call of *recipe* in *backend* without what is nested, or why there is none."""
    try:
        call = write(recipe, backend).call
    except Unsupported as reason:
        return f"no class: {reason}"
    if backend.bindings.class_of(call.name).defined_in:
        return "no class: a training loop has to set the rate"
    own = {n: a for n, a in call.arguments.items() if not classes(a) and a != Variable(OPTIMIZER)}
    text = " ".join(render(Call(call.name, own), 0, 0).split())
    for open_, close in ("()", "[]"):
        text = text.replace(f"{open_} ", open_).replace(f", {close}", close)
    return text


def _lines(recipe: Recipe, target: Backend) -> Iterator[str]:
    replaced = replace(recipe, dialect=Origin(target.name, target.version))
    try:
        recipe, replaced = with_telling_metrics(recipe, replaced)
        steps = horizons(recipe)[1]
        theirs = rates.steps_of(replaced, range(steps))
    except BadInput:  # no class, as its row says
        return
    yield _difference(rates.steps_of(recipe, range(steps)), theirs)
    found = departing(replaced)
    if found is not None:
        yield from list(found.lines())[1:]


def _difference(original: Steps, theirs: Steps) -> str:
    """Return the first step at which the target's rates differ, and how many do."""
    rows = min(len(original.rates), len(theirs.rates))
    difference = compare(original.rates[:rows], theirs.rates[:rows], tolerance_of("float64"))
    row = difference.first
    if difference.kind == "drift":
        return (
            f"Class by class it would have the same rates up to step {rows - 1}, but for rounding "
            f"errors that add up to {difference.max_rel:.2g} of the peak."
        )
    if row is not None:
        right, wrong = pair(original.rates[row], theirs.rates[row])
        return (
            f"Class by class it would use {wrong} at step {row} where the original has {right}; "
            f"{difference.count} of {rows} rates differ, by up to {difference.max_rel:.2g} of the "
            "peak."
        )
    if len(original.rates) != len(theirs.rates):
        side, ended = ("it", theirs) if rows == len(theirs.rates) else ("the original", original)
        return f"Class by class, only {side} would raise before step {rows}: {ended.error}"
    raises = f"; both raise before step {rows}" if original.error else ""
    return f"Class by class it would have the same rates up to step {rows - 1}{raises}."
