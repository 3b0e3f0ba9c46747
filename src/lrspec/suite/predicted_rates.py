"""A framework's rates of a recipe, predicted by its dialect without the framework."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from packaging.version import InvalidVersion, Version

from lrspec.bindings.backend import Backend, backend_of
from lrspec.dialect.dialect import dialect_of
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.findings import predicted, predicted_finding
from lrspec.suite.plan import plan
from lrspec.verdict.results import Finding


@dataclass(frozen=True)
class PredictedRates:
    """The predicted rates of a plain run, one row per update and one column per group.

    `momentum` has the same shape, and is None if it does not change. `error` is the error that ends
    the run early, or an empty string. `finding` compares the run with the specification.
    """

    rates: Rates
    momentum: Rates | None
    error: str
    finding: Finding


def target_of(name: str) -> tuple[Backend, str]:
    """Return the backend and the version that `BACKEND` or `BACKEND==VERSION` names.

    Without a version it is the pinned one. Raises `BadInput` for an unknown backend or version.
    """
    backend_name, equals, version = name.partition("==")
    backend = backend_of(backend_name)
    try:
        Version(version or "0")
    except InvalidVersion as error:
        raise BadInput("--as", version, "a version, such as 2.13.0") from error
    if equals and not version:
        raise BadInput("--as", name, "BACKEND or BACKEND==VERSION")
    return backend, version or backend.pins[0].partition("==")[2]


def predicted_rates(recipe: Recipe, backend: Backend, steps: int) -> PredictedRates:
    """Return the rates that *backend* uses for *recipe* in the first *steps* steps.

    Raises `BadInput` where the framework cannot express the recipe, or has no dialect.
    """
    scenario = "stepwise" if recipe.schedule.machine is None else "metrics"
    (run,) = (
        run
        for run in plan([Case("recipe", "", recipe)], [backend], [scenario], steps)
        if run.argument_form == "explicit"
    )
    if run.emitted is None:
        raise BadInput("$.schedule", recipe.kind, f"what {backend.title} has: {run.reason}")
    prediction = predicted(run)
    if prediction is None:
        raise BadInput("--as", backend.name, "a framework with a dialect")
    return PredictedRates(
        prediction.rates, prediction.momentum, prediction.text, predicted_finding(run)
    )


def notes_of(read: Read) -> tuple[str, ...]:
    """Return the notes on a scheduler that was read, with its departures to well past its end.

    They are those that the dialect predicts, if its rates are the scheduler's own as far as a copy
    of it was stepped.
    """
    backend, recipe = read.backend, read.recipe
    if backend is None or recipe.position:
        return read.notes
    steps = max(len(read.ahead), horizons(recipe)[1])
    try:
        prediction = predicted_rates(recipe, backend, steps)
    except BadInput:  # another class than the one that was read, or no finite rate there
        return read.notes
    ahead = np.asarray(read.ahead, dtype=np.float64)
    finding = prediction.finding
    if finding.verdict != "departs" or not np.array_equal(prediction.rates[: len(ahead)], ahead):
        return read.notes
    others = read.notes[:-1] if read.departs else read.notes
    return (*others, f"{finding.explanation} Compared up to step {steps - 1}.")


def version_warning(backend: Backend, version: str) -> str:
    """Return a warning if the dialect of *backend* does not cover *version*, "" if it does."""
    dialect = dialect_of(backend)
    if dialect is None or dialect.versions.contains(version, prereleases=True):
        return ""
    return (
        f"{backend.title} {version} is outside the versions that are modeled "
        f"({dialect.versions}): predicted as one of these"
    )
