"""What a source's comment tells its user: which rates to give, and what to call when."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from lrspec.bindings.backend import Backend
from lrspec.spec.recipe import Recipe

#: The width of the lines of a source.
WIDTH = 100


def usage(recipe: Recipe, backend: Backend) -> str:
    """Return in a line how the scheduler of *recipe* is used in *backend*."""
    text = backend.mode.usage.format(rates=_rates(recipe, backend))
    head, call, _ = text.partition("call scheduler.step()")
    if recipe.updates_per_step > 1 and call:
        text = f"{head}{call} once an epoch, after its {recipe.updates_per_step:,} updates."
    if recipe.schedule.machine is not None:
        text = text.replace("scheduler.step()", "scheduler.step(metric)")
    return text + _begun(recipe, steps=bool(call))


def _begun(recipe: Recipe, *, steps: bool) -> str:
    """Return how a run goes on from where the recipe was read, nothing if it was at its start."""
    if not recipe.position:
        return ""
    count, part = divmod(recipe.position, recipe.updates_per_step)
    unit = "update" if recipe.updates_per_step == 1 else "epoch"
    if part or not steps or recipe.schedule.machine is not None:
        return f" It was read at update {recipe.position:g}, and begins at {unit} 0."
    times = f"{count:,.0f} time{'s' if count > 1 else ''}"
    return f" It was read at {unit} {count:,.0f}: to go on from there, step it {times} first."


def comment(text: str, indent: int = 4) -> list[str]:
    """Return *text* as lines of a comment, none if it is empty."""
    lead = f"{' ' * indent}# "
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=lead)


def _rates(recipe: Recipe, backend: Backend) -> str:
    bases = recipe.bases
    if backend.groups == "factors":
        if len(bases) == 1:
            return ""
        return f", its groups' learning_rate being {_listed(b / bases[0] for b in bases)}"
    if len(bases) == 1:
        return f"lr={bases[0]!r}"
    return f"groups with lr={_listed(bases)}"


def _listed(numbers: Iterable[float]) -> str:
    return ", ".join(map(repr, numbers))
