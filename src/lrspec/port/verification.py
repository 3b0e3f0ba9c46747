"""Verification: the runs of a source in its framework, and their findings."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lrspec.bindings.backend import Backend
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import Emitted, emit
from lrspec.errors import Unsupported
from lrspec.port.original import Original
from lrspec.scenario.builders import expand, horizons, past_the_end, telling_scenarios
from lrspec.scenario.own_run import run_length
from lrspec.scenario.scenario import Scenario, with_updates
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding, predicted_finding
from lrspec.suite.plan import Run
from lrspec.suite.run import observe
from lrspec.verdict.results import Finding

#: The style of a port that uses the framework's own classes.
NATIVE = "native"
_UNDISTURBED = ("stepwise", "metrics")


@dataclass(frozen=True)
class Candidate:
    """A source for a recipe, the runs that verify it, and what was found in them.

    `original` is the run that it replaces, None where that is the specification.
    `ulp` is the largest error that is accepted, in units in the last place; None accepts rounding.
    `version` is the framework's; None if nothing was run, for the reason `absent`, and the findings
    are predicted.
    """

    backend: Backend
    recipe: Recipe
    style: str
    emitted: Emitted
    runs: Sequence[Run]
    ulp: float | None
    original: Original | None
    findings: Sequence[Finding] = ()
    version: str | None = None
    absent: str = ""

    @property
    def mismatch(self) -> Finding | None:
        """The finding that differs most from what is expected, None if all of them conform.

        Drift, which is more than rounding, is a mismatch up to step `covered`, or with `ulp` if it
        is above that; so is every other error above `ulp` in a float64 trace.
        """
        mismatches = [f for f in self.findings if f.verdict != "conforms"]
        if self.ulp is None or self.backend.precision != "float64":
            mismatches += [f for f in self.drifting if (f.first_step or 0) <= self.covered]
        if self.ulp is not None and self.backend.precision == "float64":
            by_error = sorted(self.findings, key=lambda f: f.max_ulp_error or 0.0, reverse=True)
            mismatches += [f for f in by_error[:1] if (f.max_ulp_error or 0.0) > self.ulp]
        return mismatches[0] if mismatches else None

    @property
    def drifting(self) -> list[Finding]:
        """The findings whose rounding errors add up to more than rounding."""
        return [f for f in self.findings if f.verdict == "conforms" and f.difference == "drift"]

    @property
    def covered(self) -> int:
        """The last step of the recipe's run and as many steps again."""
        return 2 * run_length(self.recipe).steps


_Other = TypeVar("_Other")


def verified(
    candidates: Sequence[Candidate | _Other], pythons: Mapping[str, str] | None
) -> list[Candidate | _Other]:
    """Return *candidates* after running them, all frameworks in parallel; others as they are."""
    runs = [run for c in candidates if isinstance(c, Candidate) for run in c.runs]
    observations = observe(runs, pythons)

    def with_findings(candidate: Candidate) -> Candidate:
        version = observations.versions.get(candidate.backend.name)
        findings = [finding(run, observations.by_run[run.id]) for run in candidate.runs]
        absent = next((f.explanation for f in findings if f.status == "absent"), "")
        if version is None and candidate.emitted.tree is not None:
            findings = list(map(predicted_finding, candidate.runs))
        return replace(
            candidate,
            findings=[finding for finding in findings if finding.verdict is not None],
            version=version,
            absent=absent or ("" if findings else "nothing to run"),
        )

    return [with_findings(c) if isinstance(c, Candidate) else c for c in candidates]


def scenarios_of(case: Case, longest: int, *, thorough: bool) -> list[Scenario]:
    """Return the scenarios that a certificate rests on, none of more than *longest* steps.

    Without *thorough* these are the longest run, one that is resumed at a landmark and, for a
    schedule that uses a metric, those with telling metrics.
    """
    recipe = case.recipe
    counts = [min(count, longest) for count in case.steps or horizons(recipe)]
    undisturbed = [
        scenario
        for count in dict.fromkeys(counts)
        for name in _UNDISTURBED
        for scenario in expand(recipe, name, count)
    ]
    telling = telling_scenarios(recipe, longest)
    resumed = expand(recipe, "resume_state:right", counts[0])
    if not thorough:
        return [undisturbed[-1], *telling, resumed[len(resumed) // 2]]
    groups = expand(recipe, "groups", counts[0]) if len(recipe.bases) == 1 else []
    return [*undisturbed, *telling, *past_the_end(recipe, longest), *resumed, *groups]


def candidate_of(
    case: Case,
    backend: Backend,
    style: str,
    scenarios: Sequence[Scenario],
    ulp: float | None,
    original: Original | None,
    reason: str = "",
) -> Candidate:
    """Return the source of *case* in *style*, and its runs, one per scenario that it can follow.

    Two parameter groups are run only if the source is the same for them. A scenario that fails in
    this mode for every source is left out. The lines of *reason* are given in the source's comment.
    Raises `Unsupported` where there is no source in this style.
    """
    form = EXPLICIT if style == NATIVE else style
    emitted = emit(case.recipe, backend, form, reason=reason)
    unsupported = {*emitted.unsupported_scenarios, *backend.mode.uncertified}
    runs = [
        Run(case, backend, form, s if backend.mode.reported else with_updates(s), emitted)
        for s in scenarios
        if s.id.name not in unsupported
        and (s.id.name != "groups" or is_source_of(s.recipe, backend, style, emitted.text))
    ]
    return Candidate(backend, case.recipe, style, emitted, runs, ulp, original)


def is_source_of(recipe: Recipe, backend: Backend, style: str, source: str) -> bool:
    """Return whether *recipe* is written as the code of *source*, comments apart."""
    try:
        emitted = emit(recipe, backend, EXPLICIT if style == NATIVE else style)
    except Unsupported:
        return False
    return _code_of(emitted.text) == _code_of(source)


def _code_of(source: str) -> str:
    """Return *source* without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)
