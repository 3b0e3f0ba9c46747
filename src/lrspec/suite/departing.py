"""Where a framework departs from the specification, and what a recipe that is read from it means.

Everything here is predicted by the framework's dialect, without the framework.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrspec.bindings.backend import Backend, backend_of
from lrspec.dialect import rates
from lrspec.dialect.dialect import Departure, dialect_of
from lrspec.dialect.versions import release_of
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read
from lrspec.scenario.builders import horizons
from lrspec.scenario.own_run import run_length
from lrspec.spec.origin import Origin
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.findings import known, predicted, predicted_finding
from lrspec.suite.plan import Run, plan
from lrspec.verdict.results import Finding


@dataclass(frozen=True)
class Departing:
    """How the undisturbed run of a recipe in a framework differs from the specification.

    `finding` has the extent in the recipe's own run, of `steps` steps, or in a run well past it if
    only that one differs. The rest is of the longer run: `first` maps the departures that take part
    to the first differing step that each can change, and `error` is what the framework raises
    before step `ends`.
    """

    origin: Origin
    finding: Finding
    first: Mapping[str, int]
    known: Mapping[str, Departure]
    error: str
    ends: int
    steps: int

    @property
    def sentence(self) -> str:
        """From which step on, how many rates differ and by how much, without a period."""
        return f"{self.origin} departs from the specification{self._extent()}"

    def lines(self) -> Iterator[str]:
        """Yield the extent in one sentence, and then each departure with its cause and advice."""
        yield f"{self.sentence}."
        for name, step in self.first.items():
            departure = self.known[name]
            reason = f"{departure.cause} {departure.judgement} {departure.do}"
            yield f"{name}, from step {step}: {reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object for `about` of the recipe."""
        found = self.finding
        return {
            "first_step": found.first_step,
            "max_rel_error": found.max_rel_error,
            "steps": self.steps,
            **({"error": self.error, "ends": self.ends} if self.error else {}),
            "departures": [
                {"id": n, "first_step": step, **self.known[n].to_dict()}
                for n, step in self.first.items()
            ],
        }

    def _extent(self) -> str:
        found, kind = self.finding, self.error.partition(":")[0]
        raises = f"it raises {kind} before step {self.ends}" if self.error else ""
        compared = "" if raises else f" (compared up to step {self.steps - 1})"
        if not found.extent:
            return f"{f': {raises}' if raises else ''}{compared}"
        size = "" if found.max_rel_error is None else f", by up to {found.max_rel_error:.2g}"
        extent = f"{found.extent} of {found.updates} rates differ{size} of the peak"
        then = f"; then {raises}" if raises else ""
        return f" from step {found.first_step:g} on: {extent}{then}{compared}"


def departing(recipe: Recipe) -> Departing | None:
    """Return how *recipe*'s dialect departs from the specification, None where it does not.

    Raises `BadInput` where the framework cannot express the recipe, or rejects it, and where the
    specification has no finite rate.
    """
    backend, _ = rates.origin_of(recipe)
    assert recipe.dialect is not None  # noqa: S101 - `origin_of` needs one
    steps = horizons(recipe)[1]
    run = _plain_run(recipe.specified, backend, steps)
    prediction, finding = predicted(run), predicted_finding(run)
    if prediction is None or finding.verdict != "departs":
        return None
    began, shown = int(finding.first_step or 0), prediction.departures.items()
    first = {name: max(step, began) for name, step in shown if name in finding.departures}
    own_steps = run_length(recipe.specified, longest=steps).steps
    own = predicted_finding(_plain_run(recipe.specified, backend, own_steps))
    if own.verdict == "departs":
        finding, steps = own, own_steps
    error, ends = prediction.text, len(prediction.rates)
    return Departing(recipe.dialect, finding, first, known(run), error, ends, steps)


def _plain_run(recipe: Recipe, backend: Backend, steps: int) -> Run:
    scenario = "stepwise" if recipe.schedule.machine is None else "metrics"
    runs = plan([Case("recipe", "", recipe)], [backend], [scenario], steps)
    return next(run for run in runs if run.argument_form == "explicit")


def meant(read: Read) -> tuple[Recipe, tuple[str, ...]]:
    """Return the recipe that means what was read, and notes on it for the user.

    It has the dialect of its framework if that departs from the specification, and predicts the
    rates of the scheduler as far as a copy of it was stepped.
    """
    recipe, original = read.recipe, as_in_its_framework(read)
    if original is None:
        return recipe, read.notes
    try:
        found = departing(original)
        ahead = np.asarray(read.ahead, dtype=np.float64)
        steps = np.arange(len(ahead)) + recipe.position
        same = np.array_equal(rates.steps_of(original, steps.astype(int).tolist()).rates, ahead)
    except BadInput:  # another class than the one that was read, or no finite rate there
        return recipe, read.notes
    if found is None or not same:
        return recipe, read.notes
    others = read.notes[:-1] if read.departs else read.notes
    about = {**(recipe.about or {}), "departs": found.to_dict()}
    return replace(original, about=about), (*others, *found.lines())


def as_in_its_framework(read: Read) -> Recipe | None:
    """Return the recipe that was read, with the dialect of its framework.

    None for what is not a framework's own scheduler, and for one whose rates depend on metrics.
    """
    if read.backend is None or read.recipe.schedule.machine is not None:
        return None
    return replace(read.recipe, dialect=Origin(read.backend.name, read.backend.version))


def target_of(name: str) -> Origin:
    """Return the backend and the version that `BACKEND` or `BACKEND==VERSION` names.

    Without a version it is the pinned one. Raises `BadInput` for an unknown backend or version.
    """
    backend = backend_of(name, "--as")
    return Origin(backend.name, backend.version)


def version_warning(origin: Origin) -> str:
    """Return a warning if the framework's dialect does not cover the version, "" if it does."""
    backend = backend_of(origin.framework).of(origin.version)
    dialect = dialect_of(backend)
    if dialect is None or dialect.version == release_of(origin.version):
        return ""
    return (
        f"{backend.title} {origin.version} is outside the versions that are modeled "
        f"({dialect.versions}): predicted as {dialect.version}, the newest of them"
    )


def run_warning(name: str, version: str) -> str:
    """Return a warning if the backend *name* was run in another *version* than the pinned one."""
    backend = backend_of(name)
    pinned = backend.pins[0].partition("==")[2]
    if version == pinned:
        return ""
    unmodeled = version_warning(Origin(name, version))
    return unmodeled or f"{backend.title} {version} was run, and {pinned} is pinned"
