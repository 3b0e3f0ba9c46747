"""The cases that follow from the specification, generated from it.

Around each schedule's example one parameter at a time takes its default, its bounds and what lies
beside them, degenerate values, small integers, and the other argument_form of a number; nested schedules
take the place of each member. The ids are made of the values, so they stay what they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from case_values import METRICS, plain, slug, values, words_of

from lrspec import resources
from lrspec.engine.closed_form import trace
from lrspec.engine.landmarks import span
from lrspec.errors import BadInput
from lrspec.spec import recipe as recipes
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule

FOLDER = resources.root() / "conformance" / "cases" / "generated"
LONGEST, FARTHEST = 2500, 10_000  # updates; six cycles may take as many as the second


def generated(schedule: Schedule) -> list[dict[str, Any]]:
    """Return the cases of one schedule, in a fixed order."""
    example = schedule.document["example"]
    found: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for name, words, given in _candidates(schedule, example):
        document = plain({"schedule": schedule.kind, **given})
        try:
            recipe = recipes.from_dict(document)
            if span(recipe) > FARTHEST:
                document |= _shortest(schedule, example)
                recipe = recipes.from_dict(document)
            steps = _horizon(recipe)
            rates = trace(recipe, steps)
        except BadInput:
            continue
        if not np.all(rates <= 1e6 * max(recipe.bases)) or _spelled(document) in seen:
            continue
        if _changes_nothing(recipe, example, rates):
            continue
        seen.add(_spelled(document))
        case: dict[str, Any] = {
            "id": f"{schedule.kind}/{name}",
            "description": words,
            "recipe": document,
        }
        case |= (
            {"representative": True} if name == "example" else {"scenarios": _scenarios(schedule)}
        )
        found[name] = case | ({} if name == "example" else {"steps": [steps]})
    return list(found.values())


def _changes_nothing(recipe: Recipe, example: Mapping[str, Any], rates: Any) -> bool:
    """Tell whether another value gives the example's own curve; another argument_form always does."""
    plain = recipes.from_dict({"schedule": recipe.kind, **example})
    if recipe.moves_momentum() or recipe.values(1.0) == plain.values(1.0):
        return False
    return bool(np.array_equal(trace(plain, len(rates)), rates))


def _spelled(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def _scenarios(schedule: Schedule) -> list[str]:
    return ["stepwise"] if schedule.machine is None else ["metrics"]


def _horizon(recipe: Recipe) -> int:
    """Return a horizon past all that happens and as far again; six cycles, where they are many."""
    whole = span(recipe)
    far = whole + 2 if recipe.schedule.document["end"]["then"] == "repeat" else 2 * whole + 5
    return far if far <= LONGEST else min(whole + 2, FARTHEST)


def _shortest(schedule: Schedule, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the example's periods at 1, for a recipe that takes too long to show all it does."""
    periods = (p for p in schedule.parameters.values() if (p.type, p.unit) == ("integer", "steps"))
    return {period.name: 1 for period in periods if period.name in example}


def _candidates(
    schedule: Schedule, example: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return names, descriptions and recipes without their kind, sound or not."""
    yield "example", "The schedule's example, in every scenario.", dict(example)
    required = {n: v for n, v in example.items() if n == "base_lr" or _required(schedule, n)}
    yield "by-defaults", "What must be given, and all else by default.", required
    for base in (1, 1.0, 1e-8, 3.0):
        if "base_lr" in example:
            words = f"A base rate of {base}."
            yield f"base-lr-{slug(base)}", words, {**example, "base_lr": base}
    for parameter in schedule.parameters.values():
        for label, found in values(parameter, example):
            name = f"{slug(parameter.name)}-{label}"
            beside = schedule.document["parameters"][parameter.name].get("with", {})
            rest = ", ".join(f"with {n} {words_of(v)}" for n, v in beside.items()) or "all else"
            words = f"{parameter.name} is {words_of(found)}, {rest} as in the example."
            words = words if not beside else words.replace(" as in the example", "")
            yield name, words, {**example, **beside, parameter.name: found}
        without = {n: v for n, v in example.items() if n != parameter.name}
        if parameter.name in example and not parameter.required:
            yield f"{slug(parameter.name)}-by-default", f"{parameter.name} by default.", without
    yield from _choices(schedule, example)
    yield from _pairs(schedule, example)
    yield from _series(schedule, example)


def _required(schedule: Schedule, name: str) -> bool:
    return name in schedule.parameters and schedule.parameters[name].required


def _choices(
    schedule: Schedule, example: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every combination of choices and switches, where there are two or more of them."""
    switches = [p for p in schedule.parameters.values() if p.type in ("choice", "boolean")]
    if len(switches) < 2:
        return
    options = [p.choices or (False, True) for p in switches]
    for made in product(*options):
        chosen = {p.name: choice for p, choice in zip(switches, made, strict=True)}
        words = ", ".join(f"{name} {words_of(choice)}" for name, choice in chosen.items())
        label = "-".join(slug(choice) for choice in made)
        yield f"choices-{label}", f"{words[0].upper()}{words[1:]}.", {**example, **chosen}


def _pairs(
    schedule: Schedule, example: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return recipes in which a list of steps and a list of rates grow together."""
    lists = [p for p in schedule.parameters.values() if p.type == "numbers"]
    if len(lists) != 2:
        return
    steps, rates = lists
    for boundaries in ([0], [1], [2.5], [3, 3], [0, 1], [1, 2, 3, 5, 10]):
        values = [0.4 / 2**i for i in range(len(boundaries) + 1)]
        label = "-".join(map(slug, boundaries))
        given = {**example, steps.name: boundaries, rates.name: values}
        yield f"pairs-{label}", f"{steps.name} {words_of(boundaries)}.", given


def _series(
    schedule: Schedule, example: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every series of metrics under every choice; for max each metric is turned over."""
    if schedule.machine is None:
        return
    for (name, metrics), mode, threshold_mode in product(
        METRICS.items(), ("min", "max"), ("rel", "abs")
    ):
        sign = 1 if mode == "min" else -1
        seen = [None if metric is None else sign * metric for metric in metrics]
        given = {"mode": mode, "threshold_mode": threshold_mode, schedule.machine.input: seen}
        words = f"Metrics {name.replace('-', ' ')}, {mode}, {threshold_mode}."
        yield f"series-{name}-{mode}-{threshold_mode}", words, {**example, **given}


def text(schedule: Schedule) -> str:
    """Return the file of one schedule, a case a line."""
    lines = [json.dumps(case, ensure_ascii=False) for case in generated(schedule)]
    body = ",\n    ".join(lines)
    head = f'"$schema": "../../../spec/schema/cases.schema.json",\n  "schedule": "{schedule.kind}"'
    return f'{{\n  {head},\n  "cases": [\n    {body}\n  ]\n}}\n'


def path_of(schedule: Schedule) -> Path:
    """Return where the cases of *schedule* are kept."""
    return FOLDER / f"{schedule.kind}.json"
