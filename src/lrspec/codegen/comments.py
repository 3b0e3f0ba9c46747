"""The comment in a source: which rates to give the optimizer, and what to call when."""

from __future__ import annotations

import textwrap

from lrspec.bindings.backend import Backend
from lrspec.spec.recipe import Recipe

#: The width of the lines of a source.
WIDTH = 100


def usage(recipe: Recipe, backend: Backend) -> str:
    """Return how to use the scheduler of *recipe* in *backend*, in one line."""
    text = backend.mode.usage.format(rates=_rates(recipe, backend))
    head, call, _ = text.partition("call scheduler.step()")
    if recipe.updates_per_step > 1 and call:
        text = f"{head}{call} once per epoch, after its {recipe.updates_per_step:,} updates."
    if recipe.schedule.machine is not None:
        text = text.replace("scheduler.step()", "scheduler.step(metric)")
    return text + _resuming(recipe, steps=bool(call))


def _resuming(recipe: Recipe, *, steps: bool) -> str:
    """Return how to resume where the recipe was read; nothing if that was at step 0.

    *steps* is true if the user calls `scheduler.step()`.
    """
    if not recipe.position:
        return ""
    count, remainder = divmod(recipe.position, recipe.updates_per_step)
    unit = "update" if recipe.updates_per_step == 1 else "epoch"
    if remainder or not steps or recipe.schedule.machine is not None:
        return f" Read at update {recipe.position:g}; this scheduler starts at {unit} 0."
    times = f"{count:,.0f} time{'s' if count > 1 else ''}"
    return f" Read at {unit} {count:,.0f}: to resume there, call scheduler.step() {times} first."


def comment(text: str, indent: int = 4) -> list[str]:
    """Return each line of *text* as lines of a comment, none if it is empty."""
    lead = f"{' ' * indent}# "
    wrapper = textwrap.TextWrapper(WIDTH, initial_indent=lead, subsequent_indent=lead)
    return [wrapped for line in text.splitlines() for wrapped in wrapper.wrap(line)]


def _rates(recipe: Recipe, backend: Backend) -> str:
    """Return the rates or factors that the user gives the optimizer."""
    bases, single = recipe.bases, len(recipe.bases) == 1
    if backend.groups == "factors":
        factors = ", ".join(repr(base / bases[0]) for base in bases)
        return "" if single else f", with learning_rate={factors} in its parameter groups"
    rates = f"lr={', '.join(map(repr, bases))}"
    return rates if single else f"{rates} in its parameter groups"
