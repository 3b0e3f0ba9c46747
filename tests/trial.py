"""The trial of a mutant: it replaces its schedule, and the checks are run until one fails.

They are the very tests of `spec/checks/` and of the recorded runs, called one by one.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest
import recordings
import test_anchors
import test_constraints
import test_files
import test_forms
import test_landmarks
import test_ranges
import test_scaling
import write_cases
from mutants import Mutant
from recipes import NAMED, Named
from verdict import test_recorded

from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import from_document, schedules
from lrspec.suite.cases import Case, cases
from lrspec.suite.plan import Run, plan

#: One call of one test; it raises where the test is red.
Trial = Callable[[], None]

#: The caches that do not depend on a schedule; and the schedules and cases, which are replaced.
_UNTOUCHED = {
    "lrspec.suite.cases.cases",
    "lrspec.resources.root",
    "lrspec.bindings.backend.backends",
    "lrspec.spec.formula.restarts.restart_starts",
    "lrspec.spec.formula.compiler.compile_formulas",
    "lrspec.scenario.declaration.declared",
    "lrspec.spec.formula.grammar.parse",
    "lrspec.spec.schedule.schedules",
    "lrspec.spec.tolerance.tolerances",
    "lrspec.dialect.dialect._load",
    "lrspec.dialect.dialect.departures",
}


@contextmanager
def in_force(kind: str, document: Mapping[str, Any]) -> Iterator[None]:
    """Make *document* the schedule called *kind*; raises `BadInput` where it is none."""
    schedule = from_document(document)
    every: Any = schedules()
    before = every[kind]
    every[kind] = schedule
    _forget()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # as in every test
            yield
    finally:
        every[kind] = before
        _forget()


def _forget() -> None:
    for cached in _caches():
        cached.cache_clear()


@cache
def _caches() -> list[Any]:
    """Return every cached function of the library whose results may depend on a schedule."""
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] == "lrspec"]
    caches = {
        f"{entry.__module__}.{entry.__qualname__}": entry
        for module in modules
        for entry in vars(module).values()
        if hasattr(entry, "cache_clear")
    }
    return [entry for name, entry in caches.items() if name not in _UNTOUCHED]


def _kinds(recipe: Recipe) -> set[str]:
    return {recipe.kind}.union(*map(_kinds, recipe.members()))


@cache
def _with(kind: str) -> tuple[Case, ...]:
    """Return the cases whose recipes contain *kind*, those most likely to show a change first."""
    containing = [c for c in cases() if any(kind in _kinds(r) for r in (c.recipe, *c.others))]
    return tuple(sorted(containing, key=lambda c: (c.recipe.kind != kind, not c.representative)))


def _rebound(value: Any) -> Any:
    """Return a recipe, or a value of one, with the schedules that are in force."""
    if isinstance(value, Recipe):
        given = {name: _rebound(inner) for name, inner in value.given.items()}
        return replace(value, schedule=schedules()[value.kind], given=given)
    return tuple(map(_rebound, value)) if isinstance(value, tuple) else value


def _cases(kind: str) -> Iterator[Case]:
    """Return the cases with *kind* in them, of the schedules in force."""
    for case in _with(kind):
        yield replace(case, recipe=_rebound(case.recipe), others=_rebound(case.others))


def _named(kind: str, among: list[Named]) -> Iterator[Named]:
    """Return those recipes of *among* with *kind* in them, of the schedules in force."""
    for named in among:
        if kind in _kinds(named.recipe):
            yield replace(named, recipe=_rebound(named.recipe))


def anchors(kind: str) -> Iterator[Trial]:
    """Every anchor of the schedule, and of the others in whose recipes it plays a part."""
    for name in sorted(schedules(), key=lambda name: name != kind):
        for anchor in schedules()[name].document["anchors"]:
            if name == kind or f'"{kind}"' in json.dumps(anchor["recipe"]):
                yield partial(test_anchors.test_an_anchor_holds, name, anchor)


def constraints(kind: str) -> Iterator[Trial]:
    """Every constraint, with the recipes in which it holds and fails."""
    check = test_constraints.test_a_constraint_rejects_the_recipes_that_fail_it_and_no_others
    for constraint in schedules()[kind].document.get("constraints", ()):
        yield partial(check, kind, constraint)


def landmarks(kind: str) -> Iterator[Trial]:
    """Landmarks, spans and ends."""
    for check, table in (
        (test_landmarks.test_landmarks_are_the_steps_worked_out_by_hand, test_landmarks.MARKS),
        (
            test_landmarks.test_a_span_is_the_number_of_steps_worked_out_by_hand,
            test_landmarks.SPANS,
        ),
    ):
        for document, expected in table:
            if document["schedule"] == kind:
                yield partial(check, document, expected)
    for check, among in (
        (test_landmarks.check_last_change, test_landmarks.EXAMPLES),
        (test_landmarks.check_hold, test_landmarks.CONSTANT_END),
    ):
        for named in _named(kind, among):
            yield partial(check, named)


def ranges(kind: str) -> Iterator[Trial]:
    """Every recipe whose schedule declares a range."""
    for named in _named(kind, test_ranges.TIGHT):
        yield partial(test_ranges.check_ends, named)
    for named in _named(kind, test_ranges.RANGED):
        yield partial(test_ranges.check_range, named)


def scaling(kind: str) -> Iterator[Trial]:
    """Every recipe, for other base rates."""
    for named in _named(kind, NAMED):
        yield partial(test_scaling.check_scaling, named)


def forms(kind: str) -> Iterator[Trial]:
    """Every case in which both forms are one curve, as the schedules in force have it."""
    for case in _cases(kind):
        if test_forms.agrees(case):
            yield partial(test_forms.check_forms, case)


def recorded(kind: str) -> Iterator[Trial]:
    """Every case of which runs are recorded."""
    for case in _cases(kind):
        if case.id in _recorded_runs():
            yield partial(_recorded, case)


@cache
def _recorded_runs() -> Mapping[str, list[Run]]:
    by_case: dict[str, list[Run]] = {}
    for run in recordings.runs():
        by_case.setdefault(run.case.id, []).append(run)
    return by_case


def _recorded(case: Case) -> None:
    """Plan the recorded runs of one case as the schedules in force have it, and judge them all."""
    recorded = _recorded_runs()[case.id]
    observed = recordings.observations()
    of_backends = {run.backend.name: run.backend for run in recorded}
    names = {run.id.scenario.name for run in recorded}
    in_scenarios = [str(chosen) for chosen in case.scenarios if chosen.name in names]
    runs = [
        run for run in plan([case], [*of_backends.values()], in_scenarios) if run.id in observed
    ]
    assert {run.id for run in runs} == {run.id for run in recorded}
    for run in runs:
        assert test_recorded.objection(run, observed[run.id]) is None


def written(kind: str) -> Iterator[Trial]:
    """The cases that follow from the specification."""
    path = write_cases.path_of(schedules()[kind])
    yield partial(test_files.test_a_generated_file_is_up_to_date, path)


#: Every check by its name: from a kind to its trials. The quick ones come first.
CHECKS: dict[str, Callable[[str], Iterator[Trial]]] = {
    check.__name__: check
    for check in (
        anchors,
        constraints,
        recorded,
        landmarks,
        scaling,
        ranges,
        forms,
        written,
    )
}
#: The check that is run first, by the part of the file that a mutant has changed.
_NEAREST = {
    "recursive": "forms",
    "constraints": "constraints",
    "end": "landmarks",
    "landmarks": "landmarks",
    "range": "ranges",
    "scales_with_base": "scaling",
    "span": "recorded",
}


def verdict(mutant: Mutant) -> str | None:
    """Return the first check that fails for *mutant*, None if none does.

    It is `reading` where the file is rejected when it is read.
    """
    nearest = _NEAREST.get(mutant.path[0])
    try:
        with in_force(mutant.kind, mutant.document):
            return next(
                (
                    name
                    for name in sorted(CHECKS, key=lambda n: n != nearest)
                    if red(name, mutant.kind)
                ),
                None,
            )
    except BadInput:
        return "reading"


def red(name: str, kind: str) -> bool:
    """Return whether the check called *name* fails for *kind*, with the schedules in force."""
    try:
        for trial in CHECKS[name](kind):
            trial()
    except (Exception, pytest.fail.Exception):  # whatever a test raises is red
        return True
    return False
