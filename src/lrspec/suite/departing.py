"""Where a framework departs from the specification, and what a recipe that is read from it means.

Everything here is predicted by the framework's dialect, without the framework.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrspec.bindings.backend import Backend, backend_of
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.dialect import rates
from lrspec.dialect.dialect import Departure, dialect_of
from lrspec.dialect.versions import release_of
from lrspec.engine.closed_form import Rates
from lrspec.engine.state_machine import continued
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read
from lrspec.scenario.builders import LONGEST, expand, horizons, telling_scenarios
from lrspec.scenario.declaration import declared
from lrspec.scenario.metrics import with_metrics
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

    `finding` has the extent in the recipe's own run, of `steps` steps, or in a run well past the
    schedule's end if that is unknown or does not differ. The rest is of the longer run: `first`
    maps the departures that take part to the first differing step that each can change, and `error`
    is what the framework raises before step `ends`. `metrics` names the metrics that were chosen to
    show it, "" where the recipe's own show it; `elsewhere` are the departures that only other
    metrics show.
    """

    origin: Origin
    finding: Finding
    first: Mapping[str, int]
    known: Mapping[str, Departure]
    error: str
    ends: int
    steps: int
    metrics: str = ""
    elsewhere: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """From which step on, how many rates differ and by how much, without a period."""
        return f"{self.origin} departs from the specification{self._extent()}"

    def lines(self) -> Iterator[str]:
        """Yield the extent in one sentence, and then each departure with its cause and advice."""
        yield f"{self.sentence}."
        for name, step in self._every():
            departure = self.known[name]
            reason = f"{departure.cause} {departure.judgement} {departure.do}"
            when = "with other metrics" if step is None else f"from step {step}"
            yield f"{name}, {when}: {reason}"

    def _every(self) -> list[tuple[str, int | None]]:
        """Return the departures with their first steps, None for those of other metrics."""
        return [*self.first.items(), *((name, None) for name in self.elsewhere)]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object for `about` of the recipe."""
        found = self.finding
        return {
            "first_step": found.first_step,
            "max_rel_error": found.max_rel_error,
            "steps": self.steps,
            **({"metrics": self.metrics} if self.metrics else {}),
            **({"error": self.error, "ends": self.ends} if self.error else {}),
            "departures": [
                {"id": n, "first_step": step, **self.known[n].to_dict()}
                for n, step in self._every()
            ],
        }

    def _extent(self) -> str:
        found, kind = self.finding, self.error.partition(":")[0]
        raises = f"it raises {kind} before step {self.ends}" if self.error else ""
        notes = [] if raises else [f"compared up to step {self.steps - 1}"]
        if self.metrics:
            words = declared()["metrics"].variants[self.metrics]
            notes.append(f"with metrics that tell implementations apart: {words.rstrip('.')}")
        compared = f" ({', '.join(notes)})" if notes else ""
        if not found.extent:
            return f"{f': {raises}' if raises else ''}{compared}"
        size = "" if found.max_rel_error is None else f", by up to {found.max_rel_error:.2g}"
        extent = f"{found.extent} of {found.updates} rates differ{size} of the peak"
        then = f"; then {raises}" if raises else ""
        return f" from step {found.first_step:g} on: {extent}{then}{compared}"


def departing(recipe: Recipe) -> Departing | None:
    """Return how *recipe*'s dialect departs from the specification, None where it does not.

    A schedule that reads a metric is run with its own metrics and with telling ones. Raises
    `BadInput` where the framework cannot express the recipe, or rejects it, and where the
    specification has no finite rate.
    """
    backend, _ = rates.origin_of(recipe)
    assert recipe.dialect is not None  # noqa: S101 - `origin_of` needs one
    steps = horizons(recipe)[1]
    runs = _plain_runs(recipe.specified, backend, steps)
    found = list(filter(None, (_departing(recipe.dialect, run) for run in runs)))
    if not found:
        return None
    own = (one for one in found if not one.metrics)
    shown = next(own, max(found, key=lambda one: one.finding.max_rel_error or 0.0))
    others = dict.fromkeys(name for one in found for name in one.first if name not in shown.first)
    shown = replace(shown, elsewhere=tuple(others))
    length = run_length(recipe.specified, longest=steps)
    if shown.metrics or not length.is_known:
        return shown
    finding = predicted_finding(_plain_runs(recipe.specified, backend, length.steps)[0])
    if finding.verdict != "departs":
        return shown
    return replace(shown, finding=finding, steps=length.steps)


def _departing(origin: Origin, run: Run) -> Departing | None:
    """Return how *origin* departs from the specification in *run*, None where it does not."""
    prediction, finding = predicted(run), predicted_finding(run)
    if prediction is None or finding.verdict != "departs":
        return None
    began, shown = int(finding.first_step or 0), prediction.departures.items()
    first = {name: max(step, began) for name, step in shown if name in finding.departures}
    return Departing(
        origin,
        finding,
        first,
        known(run),
        prediction.text,
        len(prediction.rates),
        len(run.scenario.t),
        run.scenario.id.variant,
    )


def _plain_runs(recipe: Recipe, backend: Backend, steps: int) -> list[Run]:
    """Return the undisturbed run of *recipe*, and those with telling metrics if it reads any."""
    if recipe.schedule.machine is None:
        runs = plan([Case("recipe", "", recipe)], [backend], ["stepwise"], steps)
        return [next(run for run in runs if run.argument_form == EXPLICIT)]
    emitted = emit(recipe, backend, EXPLICIT)
    scenarios = [*expand(recipe, "metrics", steps)[:1], *telling_scenarios(recipe, LONGEST)]
    case = Case("recipe", "", recipe)
    return [Run(case, backend, EXPLICIT, scenario, emitted) for scenario in scenarios]


def meant(read: Read) -> tuple[Recipe, tuple[str, ...]]:
    """Return the recipe that means what was read, and notes on it for the user.

    It has the dialect of its framework if that departs from the specification, and predicts the
    rates of the scheduler as far as a copy of it was stepped.
    """
    recipe, original = read.recipe, as_in_its_framework(read)
    if original is None:
        return recipe, read.notes
    try:
        found = departing(continued(original))
        same = np.array_equal(_ahead(original, read), np.asarray(read.ahead, dtype=np.float64))
    except BadInput:  # another class than the one that was read, or no finite rate there
        return recipe, read.notes
    if found is None or not same:
        return recipe, read.notes
    others = read.notes[:-1] if read.departs else read.notes
    about = {**(recipe.about or {}), "departs": found.to_dict()}
    return replace(original, about=about), (*others, *found.lines())


def _ahead(recipe: Recipe, read: Read) -> Rates:
    """Return the rates that *recipe* has from its position on, as many as were read."""
    if recipe.schedule.machine is None:
        steps = np.arange(len(read.ahead)) + recipe.position
        return rates.steps_of(recipe, steps.astype(int).tolist()).rates
    goes_on = with_metrics(continued(recipe), tuple(read.metrics))
    return rates.steps_of(goes_on, range(len(read.ahead))).rates


def as_in_its_framework(read: Read) -> Recipe | None:
    """Return the recipe that was read, with the dialect of its framework.

    None for what is not a framework's own scheduler.
    """
    if read.backend is None:
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
    return _unmodeled(backend_of(origin.framework).of(origin.version))


def _unmodeled(backend: Backend) -> str:
    dialect = dialect_of(backend)
    if dialect is None or dialect.version == release_of(backend.version):
        return ""
    return (
        f"{backend.title} {backend.version} is outside the versions that are modeled "
        f"({dialect.versions}): predicted as {dialect.version}, the newest of them"
    )


def run_warning(backend: Backend, version: str) -> str:
    """Return a warning if *backend* was run in another *version* than the pinned one."""
    pinned = next((pin.partition("==")[2] for pin in backend.pins), version)
    if version == pinned:
        return ""
    unmodeled = _unmodeled(backend.of(version))
    return unmodeled or f"{backend.title} {version} was run, and {pinned} is pinned"
