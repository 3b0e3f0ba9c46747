"""Compositions: a member counts from the start of the run, not from its own first step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lrspec.engine.closed_form import at
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.verdict.evidence import Evidence, Prediction, number
from lrspec.verdict.hypotheses.landmark import only_there

_GLOBAL = (
    "A member counts its steps from the start of the run (global time), not from its milestone "
    "(local time)."
)
_LOCAL = (
    "A member counts its steps from its milestone (local time), not from the start of the run "
    "(global time)."
)
_LATE = "What follows the warmup counts its steps from the start of the run (global time)"


def other_time(evidence: Evidence) -> Iterator[Prediction]:
    """The recipe with global time for local, or the reverse."""
    t = evidence.scenario.t[: len(evidence.observed)]
    for variant, sentence in _variants(evidence.scenario.recipe):
        yield Prediction("other time base", f"{sentence} {evidence.seen}", at(variant, t))


def other_time_and_landmarks(evidence: Evidence) -> Iterator[Prediction]:
    """The same, and on that curve some landmarks are wrong."""
    t = evidence.scenario.t[: len(evidence.observed)]
    for variant, sentence in _variants(evidence.scenario.recipe):
        scenario = replace(evidence.scenario, recipe=variant)
        nearer = replace(evidence, scenario=scenario, expected=at(variant, t))
        if nearer.difference.first is None:
            continue
        for second in only_there(nearer):
            yield Prediction(
                f"other time base, {second.kind}",
                f"{sentence} {evidence.seen} On that curve: {second.sentence}",
                second.rates,
            )


def _variants(recipe: Recipe) -> Iterator[tuple[Recipe, str]]:
    if recipe.kind == "sequential":
        local = recipe.values(1.0)["time"] == "local"
        given = {**recipe.given, "time": "global" if local else "local"}
        yield replace(recipe, given=given), _GLOBAL if local else _LOCAL
    if recipe.kind == "linear_warmup" and "after" in recipe.given:
        yield from _warmups(recipe)
    if recipe.kind == "constant_warmup" and "after" in recipe.given:
        yield _held(recipe), f"{_LATE}, not from the end of the warmup."


def _held(recipe: Recipe) -> Recipe:
    steps, factor = recipe.given["warmup_steps"], recipe.values(1.0)["factor"]
    held = {"schedule": "constant", "factor": factor, "total_iters": steps}
    return _in_global_time(recipe, held)


def _in_global_time(recipe: Recipe, first: Mapping[str, Any]) -> Recipe:
    """Return *first* until the end of the warmup, then what follows it, at the step of the run."""
    return from_dict(
        {
            "schedule": "sequential",
            "base_lr": list(recipe.bases),
            "schedules": [first, recipe.given["after"].to_dict()],
            "milestones": [recipe.given["warmup_steps"]],
            "time": "global",
        }
    )


def _warmups(recipe: Recipe) -> Iterator[tuple[Recipe, str]]:
    after, steps, base = recipe.given["after"], recipe.given["warmup_steps"], recipe.bases[0]
    values = recipe.values(base)
    aimed = float(at(after.with_base(base), steps)[0])
    for end, words in (
        (values["end_lr"], f"{_LATE}, not from the end of the warmup."),
        (aimed, f"{_LATE}, and the warmup aims at its rate there, {number(aimed)}."),
    ):
        line = {
            "schedule": "linear",
            "start_factor": values["start_lr"] / base,
            "end_factor": end / base,
            "total_iters": steps,
        }
        yield _in_global_time(recipe, line), words
