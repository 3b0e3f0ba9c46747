"""The trial of a mutant: which of the specification's checks and recorded runs turn red."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import test_anchors
import test_forms
import test_recorded
from mutants import Mutant

from lrspec.conform.cases import Case, cases
from lrspec.conform.findings import finding
from lrspec.conform.plan import plan
from lrspec.frameworks.backend import backends
from lrspec.truth.chainable import forms_agree, has_chainable_form
from lrspec.truth.recipe import Recipe
from lrspec.truth.schedule import from_document, schedules

#: The caches that hold nothing of a schedule, or the schedules and cases themselves.
KEPT = {"root","read_json"}

def kinds(recipe: Recipe) -> set[str]:
    """Return the kinds of a recipe and of all that is nested in it."""
    return {recipe.kind}.union(*map(kinds, recipe.members()))


@contextmanager
def in_force(kind: str, document: Mapping[str, Any]) -> Iterator[None]:
    """Let *document* be the schedule called *kind*, for all who ask for it."""
    every: Any = schedules()
    before = every[kind]
    mutated = from_document(document)
    every[kind] = mutated
    _forget()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        every[kind] = before
        _forget()

def _forget():
    from lrspec.verdict.hypotheses import tail
    from lrspec.report import known
    tail._without_hold.cache_clear()
    known._recipe.cache_clear()

def remade(recipe: Recipe) -> Recipe:
    """Return *recipe* anew, of the schedules that are in force."""
    given = {name: _remade(found) for name, found in recipe.given.items()}
    return replace(recipe, schedule=schedules()[recipe.kind], given=given)

def _remade(found: Any) -> Any:
    if isinstance(found, Recipe):
        return remade(found)
    return tuple(map(_remade, found)) if isinstance(found, tuple) else found

@cache
def _cases_of(kind: str):
    found = [c for c in cases() if any(kind in kinds(r) for r in (c.recipe, *c.others))]
    found.sort(key=lambda c: (c.recipe.kind != kind, c.generated and not c.representative, ))
    return found

def cases_of(kind):
    for c in _cases_of(kind):
        yield replace(c, recipe=remade(c.recipe), others=tuple(map(remade, c.others)))

def anchors(kind):
    every = sorted(schedules().items(), key=lambda e: e[0] != kind)
    for name, s in every:
        for a in s.document["anchors"]:
            if name == kind or f'"{kind}"' in __import__("json").dumps(a["recipe"]):
                yield lambda n=name, a=a: test_anchors.test_an_anchor_holds(n, a)

def forms(kind):
    for c in cases_of(kind):
        def go(c=c):
            if has_chainable_form(c.recipe) and forms_agree(c.recipe):
                test_forms.test_the_closed_and_the_chainable_form_are_one_curve(c)
        yield go

def ranges(kind):
    for c in cases_of(kind):
        if "range" in c.recipe.schedule.document:
            yield lambda c=c: test_forms.test_a_curve_keeps_its_range(c)

RECORDED_CASES = {r.case.id for r in test_recorded.RUNS}
RECIDS = {}
for r in test_recorded.RUNS: RECIDS.setdefault(r.case.id, set()).add(r.id)
def recorded(kind):
    for c in cases_of(kind):
        if c.id in RECORDED_CASES:
            yield lambda c=c: rec(c)
def rec(c):
    runs = [r for r in plan([c], list(backends().values())) if r.id in test_recorded.SEEN]
    for run in runs:
        test_recorded.test_a_recorded_run_is_as_the_ledger_says(run)
    assert {r.id for r in runs} == RECIDS[c.id]

CHECKS = {"anchors": anchors, "forms": forms, "range": ranges, "recorded": recorded}

def verdict(m):
    try:
        with in_force(m.kind, m.document):
            for name, check in CHECKS.items():
                for go in check(m.kind):
                    try: go()
                    except Exception as e: return name
    except Exception as e:
        return "load"
    return None
