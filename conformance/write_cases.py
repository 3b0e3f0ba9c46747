"""The cases that follow from the specification, generated from it.

Each case varies one parameter of a schedule's example: its default, its bounds and values next to
them, degenerate values, small integers, and both literals of a number (1 and 1.0). In a composition
every schedule takes the place of each member. An id is made of the values, so it is permanent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from case_values import METRICS, as_json, slug, text_of, values

from lrspec import resources
from lrspec.engine.closed_form import trace
from lrspec.engine.landmarks import span
from lrspec.errors import BadInput
from lrspec.spec import recipe as recipes
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule

FOLDER = resources.root() / "conformance" / "cases" / "generated"
LONGEST, FARTHEST = 2500, 10_000  # updates; six cycles may take up to the second

#: A case's name within its schedule, its description, and its recipe without the kind.
Candidate = tuple[str, str, dict[str, Any]]


def generated(schedule: Schedule) -> list[dict[str, Any]]:
    """Return the cases of one schedule, in a fixed order."""
    example = schedule.document["example"]
    cases: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for name, description, parameters in _candidates(schedule, example):
        document = as_json({"schedule": schedule.kind, **parameters})
        try:
            recipe = recipes.from_dict(document)
            if span(recipe) > FARTHEST:
                document |= _shortest(schedule, example)
                recipe = recipes.from_dict(document)
            steps = _horizon(recipe)
            rates = trace(recipe, steps)
        except BadInput:
            continue
        if not np.all(rates <= 1e6 * max(recipe.bases)) or _canonical(document) in seen:
            continue
        if _same_curve_as_example(recipe, example, rates):
            continue
        seen.add(_canonical(document))
        case: dict[str, Any] = {
            "id": f"{schedule.kind}/{name}",
            "description": description,
            "recipe": document,
        }
        case |= (
            {"representative": True} if name == "example" else {"scenarios": _scenarios(schedule)}
        )
        cases[name] = case | ({} if name == "example" else {"steps": [steps]})
    return list(cases.values())


def _same_curve_as_example(recipe: Recipe, example: Mapping[str, Any], rates: Any) -> bool:
    """Return whether other values give the example's curve; equal values (1, 1.0) do not count."""
    plain = recipes.from_dict({"schedule": recipe.kind, **example})
    if recipe.moves_momentum() or recipe.values(1.0) == plain.values(1.0):
        return False
    return bool(np.array_equal(trace(plain, len(rates)), rates))


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def _scenarios(schedule: Schedule) -> list[str]:
    return ["stepwise"] if schedule.machine is None else ["metrics"]


def _horizon(recipe: Recipe) -> int:
    """Return twice the span of *recipe* and some steps; the span alone if it repeats or is long."""
    whole = span(recipe)
    far = whole + 2 if recipe.schedule.document["end"]["then"] == "repeat" else 2 * whole + 5
    return far if far <= LONGEST else min(whole + 2, FARTHEST)


def _shortest(schedule: Schedule, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the example's periods set to 1, for a recipe whose span is too long."""
    periods = (p for p in schedule.parameters.values() if (p.type, p.unit) == ("integer", "steps"))
    return {period.name: 1 for period in periods if period.name in example}


def _candidates(schedule: Schedule, example: Mapping[str, Any]) -> Iterator[Candidate]:
    """Yield the candidates of one schedule, valid or not."""
    yield "example", "The schedule's example, in every scenario.", dict(example)
    required = {n: v for n, v in example.items() if n == "base_lr" or _required(schedule, n)}
    yield "by-defaults", "The example's required parameters, with all other defaults.", required
    for base in (1, 1.0, 1e-8, 3.0):
        if "base_lr" in example:
            yield _variation(f"base-lr-{slug(base)}", example, {"base_lr": base})
    for parameter in schedule.parameters.values():
        for label, value in values(parameter, example):
            others = schedule.document["parameters"][parameter.name].get("with", {})
            name = f"{slug(parameter.name)}-{label}"
            if parameter.type == "schedules":
                kind, _, place = label.rpartition("-")
                description = f"The example with {kind.replace('-', '_')} as its {place} member."
                yield name, description, {**example, parameter.name: value}
            else:
                yield _variation(name, example, {**others, parameter.name: value})
        without = {n: v for n, v in example.items() if n != parameter.name}
        if parameter.name in example and not parameter.required:
            description = f"The example with {parameter.name} at its default."
            yield f"{slug(parameter.name)}-by-default", description, without
    yield from _choices(schedule, example)
    yield from _pairs(schedule, example)
    yield from _series(schedule, example)


def _variation(name: str, example: Mapping[str, Any], varied: Mapping[str, Any]) -> Candidate:
    """Return *example* with some parameters *varied*."""
    return name, _described(varied), {**example, **varied}


def _described(varied: Mapping[str, Any]) -> str:
    return f"The example with {_listed([f'{n} = {text_of(v)}' for n, v in varied.items()])}."


def _listed(texts: list[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def _required(schedule: Schedule, name: str) -> bool:
    return name in schedule.parameters and schedule.parameters[name].required


def _choices(schedule: Schedule, example: Mapping[str, Any]) -> Iterator[Candidate]:
    """Yield every combination of choices and switches, if there are two or more of them."""
    switches = [p for p in schedule.parameters.values() if p.type in ("choice", "boolean")]
    if len(switches) < 2:
        return
    options = [p.choices or (False, True) for p in switches]
    for chosen in product(*options):
        varied = {p.name: choice for p, choice in zip(switches, chosen, strict=True)}
        yield _variation(f"choices-{'-'.join(map(slug, chosen))}", example, varied)


def _pairs(schedule: Schedule, example: Mapping[str, Any]) -> Iterator[Candidate]:
    """Yield recipes in which a list of steps and a list of rates have matching lengths."""
    lists = [p for p in schedule.parameters.values() if p.type == "numbers"]
    if len(lists) != 2:
        return
    steps, rates = lists
    for boundaries in ([0], [1], [2.5], [3, 3], [0, 1], [1, 2, 3, 5, 10]):
        values = [0.4 / 2**i for i in range(len(boundaries) + 1)]
        varied = {steps.name: boundaries, rates.name: values}
        yield _variation(f"pairs-{'-'.join(map(slug, boundaries))}", example, varied)


def _series(schedule: Schedule, example: Mapping[str, Any]) -> Iterator[Candidate]:
    """Yield every series of metrics under every choice; mode max negates the metrics."""
    if schedule.machine is None:
        return
    for (name, metrics), mode, threshold_mode in product(
        METRICS.items(), ("min", "max"), ("rel", "abs")
    ):
        sign = 1 if mode == "min" else -1
        modes = {"mode": mode, "threshold_mode": threshold_mode}
        signed = [None if metric is None else sign * metric for metric in metrics]
        description = _described({**modes, "metric series": name})
        parameters = {**example, **modes, schedule.machine.input: signed}
        yield f"series-{name}-{mode}-{threshold_mode}", description, parameters


def text(schedule: Schedule) -> str:
    """Return the file of one schedule, with one case per line."""
    lines = [json.dumps(case, ensure_ascii=False) for case in generated(schedule)]
    body = ",\n    ".join(lines)
    head = f'"$schema": "../../../spec/schema/cases.schema.json",\n  "schedule": "{schedule.kind}"'
    return f'{{\n  {head},\n  "cases": [\n    {body}\n  ]\n}}\n'


def path_of(schedule: Schedule) -> Path:
    """Return the path of the file with the cases of *schedule*."""
    return FOLDER / f"{schedule.kind}.json"
