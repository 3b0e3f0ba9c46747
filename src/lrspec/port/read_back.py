"""There and back: a recipe written in a framework's words, built there, and read again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrspec.bindings.backend import Backend, packages
from lrspec.codegen.emit import emit
from lrspec.engine import closed_form
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput, Unsupported
from lrspec.importers.scheduler import of_description
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.cases import Case


@dataclass(frozen=True)
class Trip:
    """What came back of one recipe.

    `outcome` is `same` (the same recipe, defaults filled in), `other words` (another recipe with
    the same rates), `differs`, `refused` (it was built and could not be read) or `rejected` (the
    framework would not build it); `reason` says why.
    """

    outcome: str
    reason: str = ""
    read: Recipe | None = None


def round_trip(worker: Worker, recipe: Recipe, source: str, steps: int = 0) -> Trip:
    """Return what is read of *recipe*, after *worker* has built *source* and done *steps* updates.

    Raises `BackendAbsent` where there is no worker to be had.
    """
    build = {"text": source, "base_lr": recipe.bases, "steps": steps, "trusted": packages()}
    answer = worker.describe({"describe": build})
    if answer.description is None:
        return Trip("rejected", answer.reason)
    try:
        read = of_description(answer.description).recipe
    except BadInput as error:
        return Trip("refused", str(error))
    position = (read.about or {}).get("position", 0)
    if position != steps:
        return Trip("differs", f"its position is {position} after {steps} updates", read)
    return compared(recipe, read)


def compared(recipe: Recipe, read: Recipe) -> Trip:
    """Return whether *read* is *recipe*, or has its rates."""
    difference = first_difference(normal(recipe), normal(read))
    if not difference:
        return Trip("same", read=read)
    return _by_rates(recipe, read, difference)


def round_trips(
    cases: Iterable[Case],
    backend: Backend,
    steps: Sequence[int] = (0,),
    pythons: Mapping[str, str] | None = None,
) -> dict[tuple[str, int], Trip]:
    """Return the trip of each case that *backend* can say, by its id and the updates before it.

    What reads metrics is not stepped. Raises `BackendAbsent` where there is no such framework.
    """
    found: dict[tuple[str, int], Trip] = {}
    with Worker(backend, interpreter(backend, pythons)[0]) as worker:
        worker.version()
        for case in cases:
            source = _written(case.recipe, backend)
            counts = steps if case.recipe.schedule.machine is None else steps[:1]
            if source is not None:
                for count in counts:
                    found[case.id, count] = round_trip(worker, case.recipe, source, count)
    return found


def _written(recipe: Recipe, backend: Backend) -> str | None:
    try:
        return emit(recipe, backend).text
    except Unsupported:
        return None


def normal(recipe: Recipe) -> Mapping[str, Any]:
    """Return *recipe* with every default filled in and without what no scheduler keeps.

    That is the text about a recipe, and the metrics that a plateau is fed.
    """
    formulas = {name: ast.unparse(found.tree) for name, found in recipe.formulas().items()}
    return {
        "schedule": recipe.kind,
        "base_lr": list(recipe.bases) if recipe.schedule.reads_base_lr else [],
        "parameters": [
            {**recipe.values(base), **formulas, "metrics": None} for base in recipe.bases
        ],
        "members": [normal(member.with_base(*recipe.bases)) for member in recipe.members()],
    }


def first_difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return in words where two recipes in their normal form differ first; nothing if nowhere."""
    if one["schedule"] != other["schedule"]:
        return f"{one['schedule']} as {other['schedule']}"
    for mine, its in zip(one["parameters"], other["parameters"], strict=False):
        for name, found in mine.items():
            if its[name] != found:
                return f"{one['schedule']}'s {name}"
    for mine, its in zip(one["members"], other["members"], strict=False):
        if inner := first_difference(mine, its):
            return inner
    if len(one["members"]) != len(other["members"]):
        return f"{one['schedule']}'s members"
    return "" if one["base_lr"] == other["base_lr"] else "the base rate"


def _by_rates(recipe: Recipe, read: Recipe, difference: str) -> Trip:
    """Return whether another recipe has the rates of *recipe*, far past all that happens."""
    metrics = recipe.given.get("metrics")
    if metrics is not None and read.kind == recipe.kind:
        return Trip("differs", difference, read)
    steps = min(max(horizons(recipe)[1], horizons(read)[1]), 20_000)
    one, other = _finite(recipe, steps), _finite(read, steps)
    one, other = one[: len(other)], other[: len(one)]
    bound = tolerance_of("float64").rounding * np.abs(one).max()
    wrong = (np.abs(one - other) > bound).any(axis=1)
    if not wrong.any():
        return Trip("other words", difference, read)
    step = int(np.argmax(wrong))
    rates = f"at step {step} {one[step].tolist()} came back as {other[step].tolist()}"
    return Trip("differs", f"{difference}: {rates}", read)


def _finite(recipe: Recipe, steps: int) -> Rates:
    """Return the rates of *steps* steps, or of as many as are finite by halves."""
    try:
        return closed_form.trace(recipe, steps)
    except BadInput:
        return _finite(recipe, steps // 2)
