"""Running a source in its framework before it is handed out: which runs, and what they showed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lrspec.bindings.backend import Backend
from lrspec.codegen.emit import Emitted, emit
from lrspec.engine.landmarks import span
from lrspec.errors import Unsupported
from lrspec.port.certificate import by_engine, by_framework, mismatch
from lrspec.port.result import Certificate
from lrspec.scenario.builders import expand, horizons, past_the_end
from lrspec.scenario.scenario import Scenario, with_updates
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.findings import foreseen, results_of
from lrspec.suite.plan import Run
from lrspec.suite.run import observe
from lrspec.verdict.results import Finding

#: The style of a port that uses the framework's own classes.
NATIVE = "native"
_UNDISTURBED = ("stepwise", "metrics")


@dataclass(frozen=True)
class Candidate:
    """A source for a recipe, the runs that verify it, and what was found in them.

    `ulp` is the largest error that is accepted, in units in the last place; None accepts rounding.
    `version` is the framework's; None if nothing was run, for the reason `absent`, and the findings
    are predicted.
    """

    backend: Backend
    recipe: Recipe
    emitted: Emitted
    runs: Sequence[Run]
    ulp: float | None
    findings: Sequence[Finding] = ()
    version: str | None = None
    absent: str = ""

    @property
    def mismatch(self) -> Finding | None:
        """The finding that differs most from the specification, None if all of them conform."""
        return mismatch(self.findings, self.backend.precision, self.ulp)

    def certificate(self, style: str) -> Certificate:
        """Return the certificate of this source: of its runs, or of what is possible without."""
        text, backend = self.emitted.text, self.backend
        if self.version is None and style != NATIVE:
            return by_engine(text, self.recipe, backend.name, self.absent)
        horizon = span(self.recipe)
        last = max((float(run.scenario.t.max()) for run in self.runs), default=0.0)
        unreached = horizon if last < horizon else 0
        return by_framework(
            text,
            backend,
            self.version,
            self.findings,
            self.ulp,
            unreached=unreached,
            absent=self.absent,
        )


_Other = TypeVar("_Other")


def verified(
    candidates: Sequence[Candidate | _Other], pythons: Mapping[str, str] | None
) -> list[Candidate | _Other]:
    """Return *candidates* after running them, all frameworks in parallel; others as they are."""
    runs = [
        run
        for candidate in candidates
        if isinstance(candidate, Candidate)
        for run in candidate.runs
    ]
    observations = observe(runs, pythons)
    by_run = {finding.run: finding for finding in results_of(runs, observations).findings}

    def with_findings(candidate: Candidate) -> Candidate:
        version = observations.versions.get(candidate.backend.name)
        findings = [by_run[run.id] for run in candidate.runs]
        absent = next((f.explanation for f in findings if f.status == "absent"), "")
        if version is None and candidate.emitted.tree is not None:
            findings = list(map(foreseen, candidate.runs))
        return replace(
            candidate,
            findings=[finding for finding in findings if finding.verdict is not None],
            version=version,
            absent=absent or ("" if findings else "nothing to run"),
        )

    return [with_findings(c) if isinstance(c, Candidate) else c for c in candidates]


def scenarios_of(case: Case, longest: int, *, thorough: bool) -> list[Scenario]:
    """Return the scenarios that a certificate rests on, none of more than *longest* steps.

    Without *thorough* these are the longest run and one that is resumed at a landmark.
    """
    recipe = case.recipe
    counts = [min(count, longest) for count in case.steps or horizons(recipe)]
    undisturbed = [
        scenario
        for count in dict.fromkeys(counts)
        for name in _UNDISTURBED
        for scenario in expand(recipe, name, count)
    ]
    resumed = expand(recipe, "resume_state:right", counts[0])
    if not thorough:
        return [undisturbed[-1], resumed[len(resumed) // 2]]
    groups = expand(recipe, "groups", counts[0]) if len(recipe.bases) == 1 else []
    return [*undisturbed, *past_the_end(recipe, longest), *resumed, *groups]


def runs_of(
    case: Case,
    backend: Backend,
    emitted: Emitted,
    argument_form: str,
    scenarios: Sequence[Scenario],
) -> list[Run]:
    """Return the runs of the source *emitted* under those of *scenarios* that it can follow.

    Two parameter groups are run only if the source is the same for them. A scenario that fails in
    this mode whatever the source is left out: it says nothing about the source.
    """
    unsupported = {*emitted.unsupported_scenarios, *backend.mode.uncertified}
    runs = []
    for scenario in scenarios:
        if scenario.id.name in unsupported:
            continue
        if scenario.id.name == "groups" and not is_source_of(
            scenario.recipe, backend, argument_form, emitted.text
        ):
            continue
        followed = scenario if backend.mode.reported else with_updates(scenario)
        runs.append(Run(case, backend, argument_form, followed, emitted))
    return runs


def is_source_of(recipe: Recipe, backend: Backend, argument_form: str, source: str) -> bool:
    """Return whether *recipe* is written as the code of *source*, comments apart."""
    try:
        emitted = emit(recipe, backend, argument_form)
    except Unsupported:
        return False
    return code_of(emitted.text) == code_of(source)


def code_of(source: str) -> str:
    """Return *source* without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)
