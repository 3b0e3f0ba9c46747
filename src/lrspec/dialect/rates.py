"""The rates that a recipe means: the specification's or, with a dialect, a framework's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.bindings.backend import Backend, backend_of
from lrspec.bindings.tree import Call
from lrspec.bindings.writing import write
from lrspec.dialect.prediction import Prediction, predict
from lrspec.engine import closed_form
from lrspec.engine.closed_form import Rates
from lrspec.engine.state_machine import metric_at
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput, Unsupported, under
from lrspec.scenario.actions import Action, sampled
from lrspec.scenario.steps import Steps
from lrspec.spec.recipe import Recipe


def origin_of(recipe: Recipe) -> tuple[Backend, Call]:
    """Return the framework that *recipe*'s dialect names, and the tree of its scheduler there.

    Raises `BadInput` for an unknown framework, and for one that cannot express the recipe.
    """
    assert recipe.dialect is not None  # noqa: S101 - asked of a recipe with a dialect alone
    with under("$.dialect"):
        backend = backend_of(recipe.dialect.framework, "$.framework").of(recipe.dialect.version)
    try:
        return backend, write(recipe.specified, backend).call
    except Unsupported as reason:
        raise BadInput("$.schedule", recipe.kind, f"what {backend.title} has: {reason}") from reason


def at(recipe: Recipe, t: ArrayLike) -> Rates:
    """Return the rates that *recipe* means at the steps *t*, as `closed_form.at` does.

    With a dialect the steps are whole. Raises `BadInput` where the framework cannot express the
    recipe, or raises before the last step.
    """
    if recipe.dialect is None:
        return closed_form.at(recipe, t)
    steps = np.asarray(t)
    if not np.issubdtype(steps.dtype, np.number) or not _are_whole(steps):
        raise BadInput("t", repr(t), "whole steps from 0")
    whole = steps.astype(np.int64)
    ascending, inverse = np.unique(whole.ravel(), return_inverse=True)
    found = steps_of(recipe, ascending.tolist())
    if len(found.rates) < len(ascending):
        end = f"an earlier step: {recipe.dialect} raises {found.error}"
        raise BadInput("t", f"step {ascending[len(found.rates)]}", end)
    return found.rates[inverse].reshape(*steps.shape, len(recipe.bases))


def _are_whole(steps: NDArray[Any]) -> bool:
    return bool(((steps >= 0) & (steps == np.floor(steps))).all())


def trace(recipe: Recipe, steps: int) -> Rates:
    """Return the rates that *recipe* means in steps 0 … *steps* − 1, as `closed_form.trace` does.

    Raises `BadInput` as `at` does.
    """
    if recipe.dialect is None:
        return closed_form.trace(recipe, steps)
    return at(recipe, np.arange(steps))


def steps_of(recipe: Recipe, t: Sequence[int]) -> Steps:
    """Return what *recipe* means at *t*, ascending steps, until an error of its framework.

    Raises `BadInput` where its framework cannot express it, or rejects it.
    """
    if recipe.dialect is None:
        return Steps(closed_form.at(recipe, t), closed_form.momentum(recipe, t))
    if timeline(recipe).kind == "epochs":
        return _in_epochs(recipe, t)
    run, actions = _run(recipe, t)
    prediction = predicted(recipe, actions)
    rows = np.searchsorted(run, t)
    rows = rows[rows < len(prediction.rates)]
    if prediction.status != "trace":
        raise BadInput("$.dialect", prediction.text or "a crash", f"what {recipe.dialect} builds")
    found = Steps(prediction.rates, prediction.momentum, prediction.text).rows(rows)
    return found.held(len(t)) if recipe.dialect.hold_at_errors else found


def predicted(recipe: Recipe, actions: Sequence[Action]) -> Prediction:
    """Return the prediction for *actions* on the scheduler of *recipe* in its framework."""
    backend, tree = origin_of(recipe)
    prediction = predict(backend, [tree], recipe.bases, actions)
    if prediction is None:
        known = "a framework with a dialect"
        raise BadInput("$.dialect.framework", backend.name, known)
    return prediction


def _run(recipe: Recipe, t: Sequence[int]) -> tuple[Sequence[int], Sequence[Action]]:
    """Return a run that records the rates of *t*, as the steps that it records and its actions."""
    if recipe.schedule.machine is not None:
        every = range(max(t, default=0) + 1)
        return every, (Action("metrics", tuple(metric_at(recipe, step) for step in every)),)
    steps = [0, *(step for step in t if step)]
    return steps, sampled(steps)


def _in_epochs(recipe: Recipe, t: Sequence[int]) -> Steps:
    """Return the rates of a framework's scheduler that the training loop steps once per epoch."""
    ((part, member),) = timeline(recipe).members
    inner = replace(member, base_lr=recipe.base_lr, single=recipe.single, dialect=recipe.dialect)
    epochs, of_step = np.unique([step // part.stride for step in t], return_inverse=True)
    found = steps_of(inner, epochs.tolist())
    return found.rows(of_step[of_step < len(found.rates)])
