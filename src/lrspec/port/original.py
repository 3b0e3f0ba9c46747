"""The run that a port replaces: that of the framework which a recipe's dialect names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.dialect import rates
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput
from lrspec.scenario.builders import LONGEST, expand, horizons, telling_scenarios
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.steps import Steps
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.departing import Departing, departing
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations, observe


@dataclass(frozen=True)
class Original:
    """The run of a recipe in the framework of its dialect.

    `departs` is how it departs from the specification, None if it does not. `observed` are its
    steps as they ran, by the metrics that it was given; empty where the framework of that version
    is not installed. All others are predicted.
    """

    recipe: Recipe
    departs: Departing | None
    observed: Mapping[Any, Steps] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The framework and its version, and whether it ran or was predicted."""
        origin = self.recipe.dialect
        if self.observed:
            return f"the original as it ran in {origin}"
        return f"the original as predicted by the dialect of {origin}"

    def expected_in(self, scenario: Scenario) -> Scenario:
        """Return *scenario* with the rates of the original in the place of the specified ones."""
        t = scenario.t.astype(int).tolist()
        observed = self.observed.get(_metrics(scenario.recipe))
        covered = observed is not None and t[-1] < len(observed.rates)
        if observed is not None and covered and scenario.recipe.bases == self.recipe.bases:
            return replace(scenario, original=observed.rows(t))
        return replace(scenario, original=rates.steps_of(scenario.recipe, t))


#: The originals of recipes that mean the specification.
NO_ORIGINALS: Mapping[str, Original] = MappingProxyType({})


def comment_on(original: Original | None, recipe: Recipe) -> str:
    """Return what to say in the source of *recipe* about its original, a line for each departure.

    It is empty where the original does not depart from the specification.
    """
    if original is None or original.departs is None:
        return ""
    kept = "These are the rates of" if recipe.dialect else "As specified, unlike"
    return "\n".join([f"{kept} {original.recipe.dialect}.", *original.departs.lines()])


def originals(
    cases: Iterable[Case], pythons: Mapping[str, str] | None = None
) -> dict[str, Original]:
    """Return the original of each case whose recipe has a dialect, by the case's id.

    All of them are run where their frameworks are installed. Raises `BadInput` for a recipe that
    its framework cannot express, or rejects.
    """
    with_dialect = [case for case in cases if case.recipe.dialect is not None]
    runs = {case.id: list(_plain_runs(case)) for case in with_dialect}
    observations = observe([run for own in runs.values() for run in own], pythons)
    return {
        case.id: Original(
            case.recipe,
            _departs(case.recipe),
            {
                _metrics(run.scenario.recipe): steps
                for run in runs[case.id]
                if (steps := _observed(run, observations)) is not None
            },
        )
        for case in with_dialect
    }


def _metrics(recipe: Recipe) -> Any:
    return recipe.given.get("metrics")


def _plain_runs(case: Case) -> Iterator[Run]:
    """Yield the undisturbed runs of the original: one, or if it reads a metric several.

    There are none where the training loop counts epochs.
    """
    recipe = case.recipe.specified
    if timeline(recipe).kind == "epochs":
        return
    backend, _ = rates.origin_of(case.recipe)
    name = "stepwise" if recipe.schedule.machine is None else "metrics"
    plain, *_ = expand(recipe, name, horizons(recipe)[1])
    emitted = emit(recipe, backend, EXPLICIT)
    for scenario in (plain, *telling_scenarios(recipe, LONGEST)):
        yield Run(case, backend, EXPLICIT, scenario, emitted)


def _observed(run: Run, observations: Observations) -> Steps | None:
    """Return what was observed of the original, None where its version was not run."""
    origin, observation = run.case.recipe.dialect, observations.by_run[run.id]
    assert origin is not None  # noqa: S101 - every original has a dialect
    same = observations.versions[run.backend.name] == origin.version
    if not same or observation.status != "trace":
        return None
    steps = Steps(observation.rates, observation.momentum, observation.error or "")
    return steps.held(len(run.scenario.t)) if origin.hold_at_errors else steps


def _departs(recipe: Recipe) -> Departing | None:
    try:
        return departing(recipe)
    except BadInput:  # epochs, which no class counts; or no finite rate in the specification
        return None
