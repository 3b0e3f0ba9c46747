"""A recipe as a live scheduler on a live optimizer, in the user's own process."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

from lrspec.bindings.backend import Backend, frameworks
from lrspec.errors import BadInput
from lrspec.port.scheduler import Scheduler
from lrspec.spec.recipe import Recipe
from lrspec.worker.functions import number


def build(recipe: Recipe, optimizer: Any, write: Callable[[Recipe, Backend], str]) -> Scheduler:
    """Return the scheduler of *recipe* on *optimizer*, whose rates become the recipe's base rates.

    *write* returns the source of a recipe for a backend. Raises `BadInput` for an optimizer of no
    known framework, and where its parameter groups are not those of the recipe.
    """
    backend = _backend_of(optimizer)
    bases = _bases(recipe, optimizer, backend)
    text = write(recipe.with_base(*bases) if recipe.base_lr else recipe, backend)
    build_scheduler = _executed(text)["build_scheduler"]
    scheduler: Scheduler
    if backend.attach is not None:
        scheduler = build_scheduler()
        getattr(optimizer, backend.attach)(scheduler)
        if hasattr(scheduler, "follow"):  # it sets more than the one rate that is read from it
            scheduler.follow(optimizer)
        return scheduler
    for group, base in zip(optimizer.param_groups, bases, strict=True):
        _set(group, base)
    scheduler = build_scheduler(optimizer)
    return scheduler


def _backend_of(optimizer: Any) -> Backend:
    """Return the backend whose framework's `Optimizer` the class of *optimizer* derives from."""
    live = [b for b in frameworks().values() if b.argument is not None or b.attach is not None]
    by_package = {backend.package: backend for backend in live}
    for base in type(optimizer).__mro__:
        package = base.__module__.partition(".")[0]
        if base.__name__ == "Optimizer" and package in by_package:
            return by_package[package]
    titles = ", ".join(backend.title for backend in live)
    raise BadInput("optimizer", type(optimizer).__name__, f"an optimizer of {titles}")


def _bases(recipe: Recipe, optimizer: Any, backend: Backend) -> Sequence[float]:
    """Return the base rate of each of the optimizer's groups; a single one is for all groups."""
    bases = recipe.bases
    if backend.groups == "factors":
        groups = [g for g in getattr(optimizer, "_param_groups", ()) if isinstance(g, dict)]
        factors = [float(group.get("learning_rate", 1.0)) for group in groups] or [1.0]
        wanted = [base / bases[0] for base in bases]
        if recipe.single or factors == wanted:
            return bases
        found = f"groups with learning_rate={', '.join(map(repr, factors))}"
        expected = f"{', '.join(map(repr, wanted))}, the ratios of the recipe's base rates"
        raise BadInput("optimizer", found, expected)
    count = len(optimizer.param_groups)
    if recipe.single:
        rates = dict.fromkeys(number(group["lr"]) for group in optimizer.param_groups)
        if len(rates) > 1:
            found = f"parameter groups with lr={', '.join(map(repr, rates))}"
            raise BadInput("optimizer", found, "one rate, or a list as base_lr: one per group")
        return bases * count
    if len(bases) != count:
        found = f"{count} parameter group{'s' if count > 1 else ''}"
        raise BadInput("optimizer", found, f"{len(bases)}, one for each base_lr of the recipe")
    return bases


def _set(group: Any, base: float) -> None:
    """Make *base* the rate of *group*, and the one that schedulers built from now on begin with."""
    for name in ("lr", "initial_lr"):
        if name not in group:
            continue
        if hasattr(group[name], "fill_"):  # the optimizer keeps this tensor
            group[name].fill_(base)
        else:
            group[name] = base


def _executed(text: str) -> dict[str, Any]:
    """Return the names of the module *text*, whose functions keep their source."""
    name = f"<lrspec {hash(text) & 0xFFFFFFFF:08x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names: dict[str, Any] = {"__name__": "lrspec_built"}
    exec(compile(text, name, "exec"), names)  # noqa: S102 - source that lrspec has just written
    return names
