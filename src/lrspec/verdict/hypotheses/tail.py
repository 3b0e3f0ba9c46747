"""The curve is right up to where it ends; what comes after is something else."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from lrspec.engine.closed_form import Rates, at
from lrspec.engine.timeline import timeline
from lrspec.spec.formula.compiler import Function, value
from lrspec.spec.formula.functions import ARRAY
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import schedules
from lrspec.verdict.evidence import Evidence, Prediction

_FROM_THE_END = ("held one step early", "repeated", "zero")


def other_tail(evidence: Evidence) -> Iterator[Prediction]:
    """From its end on, the rate is held, zero, begun again, run back, or run on."""
    end = _end(evidence.scenario.recipe)
    t = evidence.scenario.t[: len(evidence.observed)]
    if end is None or not (t > end).any() or evidence.step(evidence.first) < end:
        return
    for words, prediction in _predictions(evidence, end, t):
        if prediction.shape[1] not in (1, evidence.expected.shape[1]):
            continue
        past = t >= end if words in _FROM_THE_END else t > end
        sentence = f"From its end at step {end} on the rate is {words}. {evidence.seen}"
        rates = np.where(past[:, None], prediction, evidence.expected)
        yield Prediction("other tail", sentence, rates)


def _predictions(evidence: Evidence, end: int, t: Rates) -> Iterator[tuple[str, Rates]]:
    recipe = evidence.scenario.recipe
    if end > 0:
        yield "held", at(recipe, np.minimum(t, end))
        yield "held one step early", at(recipe, np.minimum(t, end - 1))
        yield "repeated", at(recipe, np.where(t >= end, (t - end) % end, t))
        mirrored = np.where(t > end, np.abs((t - end) % (2 * end) - end), t)
        yield "mirrored", at(recipe, mirrored)
    for start, member in _last(recipe):
        rates = [unheld(member, base, np.maximum(t - start, 0)) for base in recipe.bases]
        yield "run on by the formula that led to it", np.array(rates).T
    yield "zero", np.zeros((len(t), 1))


def _end(recipe: Recipe) -> int | None:
    """Return the step at which the recipe ends, be it that of its last member, or None."""
    ends = [
        start + float(value(member.schedule.end, member.values(1.0)))
        for start, member in _last(recipe)
        if member.schedule.end is not None
    ]
    return int(ends[0]) if ends and ends[0] == int(ends[0]) else None


def _last(recipe: Recipe) -> list[tuple[int, Recipe]]:
    """Return the recipe, or the last one of a composition in time, with its first step."""
    start = 0
    while (last := timeline(recipe).parts[-1]).member is not None:
        if timeline(recipe).kind != "segments":
            return []
        start, recipe = start + last.start, last.member
    return [(start, recipe)]


def unheld(recipe: Recipe, base: float, t: Rates) -> Rates:
    """Return the closed form with t in place of every `min(t, …)`."""
    schedule = recipe.schedule
    if schedule.closed is None:
        return np.full(len(t), np.nan)
    with np.errstate(all="ignore"):
        rates = _without_hold(schedule.kind)(t, base, **recipe.bound(base, ARRAY))
    return np.broadcast_to(rates, t.shape)


@cache
def _without_hold(kind: str) -> Function:
    schedule = schedules()[kind]
    assert schedule.closed is not None  # noqa: S101 - asked of none without it
    lets = {name: _run_on(formula) for name, formula in schedule.lets.items()}
    return replace(schedule, lets=lets).compiled(_run_on(schedule.closed), ARRAY)


def _run_on(formula: Formula) -> Formula:
    return replace(formula, tree=_RunOn().visit(copy.deepcopy(formula.tree)))


class _RunOn(ast.NodeTransformer):
    """Puts t in the place of `min(t, …)`."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        held = isinstance(node.func, ast.Name) and node.func.id == "min" and node.args
        first = node.args[0] if held else None
        return first if isinstance(first, ast.Name) and first.id == "t" else node
