"""A recipe as a live scheduler on a live optimizer, in the user's own process."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

from lrspec.bindings.backend import Backend, frameworks
from lrspec.errors import BadInput
from lrspec.port.scheduler import Scheduler
from lrspec.spec.recipe import Recipe

#: Writes the source of a recipe for a backend.
Write = Callable[[Recipe, Backend], str]


def build(recipe: Recipe, optimizer: Any, write: Write) -> Scheduler:
    """Return the scheduler of *recipe* on *optimizer*, whose rates become the recipe's base rates.

    Raises `BadInput` for an optimizer of no known framework, and where its parameter groups are
    not those of the recipe.
    """
    backend = backend_of_optimizer(optimizer)
    bases = _bases(recipe, optimizer, backend)
    text = write(recipe.with_base(*bases) if recipe.base_lr else recipe, backend)
    names = _executed(text)
    if backend.attach is not None:
        scheduler: Scheduler = names["build_scheduler"]()
        getattr(optimizer, backend.attach)(scheduler)
        if hasattr(scheduler, "follow"):  # it sets more than the one rate that is asked of it
            scheduler.follow(optimizer)
        return scheduler
    for group, base in zip(optimizer.param_groups, bases, strict=True):
        _set(group, base)
    built: Scheduler = names["build_scheduler"](optimizer)
    return built


def backend_of_optimizer(optimizer: Any) -> Backend:
    """Return the backend whose framework's `Optimizer` the class of *optimizer* derives from."""
    live = (b for b in frameworks().values() if b.argument is not None or b.attach is not None)
    plain = {backend.package: backend for backend in live}
    for found in type(optimizer).__mro__:
        top = found.__module__.partition(".")[0]
        if found.__name__ == "Optimizer" and top in plain:
            return plain[top]
    titles = ", ".join(backend.title for backend in plain.values())
    raise BadInput("optimizer", type(optimizer).__name__, f"an optimizer of {titles}")


def _bases(recipe: Recipe, optimizer: Any, backend: Backend) -> Sequence[float]:
    """Return the base rate of each of the optimizer's groups; one of the recipe's is for all."""
    if backend.groups == "factors":
        _check_factors(recipe, optimizer)
        return recipe.bases
    count = len(optimizer.param_groups)
    if recipe.single:
        return recipe.bases * count
    if len(recipe.bases) != count:
        groups = f"{count} parameter group{'s' if count > 1 else ''}"
        raise BadInput(
            "optimizer", groups, f"{len(recipe.bases)}, one for each base_lr of the recipe"
        )
    return recipe.bases


def _check_factors(recipe: Recipe, optimizer: Any) -> None:
    """Raise `BadInput` where the groups' factors are not the ratios of the recipe's base rates."""
    groups = [g for g in getattr(optimizer, "_param_groups", ()) if isinstance(g, dict)]
    factors = [float(group.get("learning_rate", 1.0)) for group in groups] or [1.0]
    wanted = [base / recipe.bases[0] for base in recipe.bases]
    if recipe.single:
        return
    if factors != wanted:
        found = f"groups with learning_rate={', '.join(map(repr, factors))}"
        expected = f"{', '.join(map(repr, wanted))}, the ratios of the recipe's base rates"
        raise BadInput("optimizer", found, expected)


def _set(group: Any, base: float) -> None:
    """Make *base* the rate of *group*, and the one that schedulers built from now on begin with."""
    for name in ("lr", "initial_lr"):
        if name in group:
            if hasattr(group[name], "fill_"):  # a tensor stays the one that the optimizer knows
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
