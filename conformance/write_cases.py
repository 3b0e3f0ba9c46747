"""Write the cases that follow from the specification: python conformance/write_cases.py.

Around each schedule's example one parameter at a time takes its default, its bounds and what lies
beside them, degenerate values, small integers, and the other spelling of a number; nested schedules
take the place of each member. The ids are made of the values, so they stay what they are.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from lrspec import data
from lrspec.errors import BadInput
from lrspec.truth import recipe as recipes
from lrspec.truth.landmarks import span
from lrspec.truth.parameter import Parameter
from lrspec.truth.recipe import Recipe
from lrspec.truth.reference import trace
from lrspec.truth.schedule import Schedule, schedules

FOLDER = data.root() / "conformance" / "cases" / "generated"
LONGEST, FARTHEST = 2500, 10_000  # updates; six cycles may take as many as the second
_BESIDE = 0.001
_PERIODS = (1, 2, 3, 5, 10)
_FACTORS = (1, 2, 3, 4, 5, 6)
_FORMULAS = {
    "one": "1",
    "zero": "0",
    "half-power": "0.5 ** t",
    "inverse": "1 / (t + 1)",
    "steps": "1 if t < 6 else 0.25",
    "rises": "1 + 0.01 * t",
}
_METRICS = {
    "never-better": [1.0],
    "always-better": [10.0 / 2**i for i in range(30)],
    "equal": [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4],
    "negative": [-1.0, -1.0, -1.0, -2.0, -2.0, -2.0, -1.5, -1.5],
    "nan-first": [None, 1.0, 0.5, 0.4, 0.4, 0.4, 0.4],
    "nan-later": [1.0, 0.5, None, None, 0.4, None, 0.3, 0.3],
    "in-cooldown": [1.0, 1.0, 1.0, 1.0, 0.5, 1.0, 0.9, 0.8, 0.8, 0.8],
    "zero": [0.0, 0.0, 0.0, 0.0, 0.0],
}


def generated(schedule: Schedule) -> list[dict[str, Any]]:
    """Return the cases of one schedule, in a fixed order."""
    example = schedule.document["example"]
    found: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for name, words, given in _candidates(schedule, example):
        document = _plain({"schedule": schedule.kind, **given})
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
        case |= {"representative": True} if name == "driven" else {"drives": _drives(schedule)}
        found[name] = case | ({} if name == "driven" else {"steps": [steps]})
    return list(found.values())


def _changes_nothing(recipe: Recipe, example: Mapping[str, Any], rates: Any) -> bool:
    """Tell whether another value gives the example's own curve; another spelling always does."""
    plain = recipes.from_dict({"schedule": recipe.kind, **example})
    if recipe.moves_momentum() or recipe.values(1.0) == plain.values(1.0):
        return False
    return bool(np.array_equal(trace(plain, len(rates)), rates))


def _spelled(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def _drives(schedule: Schedule) -> list[str]:
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
    yield "driven", "The schedule's example, driven in every way.", dict(example)
    required = {n: v for n, v in example.items() if n == "base_lr" or _required(schedule, n)}
    yield "by-defaults", "What must be given, and all else by default.", required
    for base in (1, 1.0, 1e-8, 3.0):
        if "base_lr" in example:
            words = f"A base rate of {base}."
            yield f"base-lr-{_slug(base)}", words, {**example, "base_lr": base}
    for parameter in schedule.parameters.values():
        for label, found in _values(parameter, example):
            name = f"{_slug(parameter.name)}-{label}"
            beside = schedule.document["parameters"][parameter.name].get("with", {})
            rest = ", ".join(f"with {n} {_words(v)}" for n, v in beside.items()) or "all else"
            words = f"{parameter.name} is {_words(found)}, {rest} as in the example."
            words = words if not beside else words.replace(" as in the example", "")
            yield name, words, {**example, **beside, parameter.name: found}
        without = {n: v for n, v in example.items() if n != parameter.name}
        if parameter.name in example and not parameter.required:
            yield f"{_slug(parameter.name)}-by-default", f"{parameter.name} by default.", without
    yield from _choices(schedule, example)
    yield from _pairs(schedule, example)
    yield from _series(schedule, example)


def _required(schedule: Schedule, name: str) -> bool:
    return name in schedule.parameters and schedule.parameters[name].required


def _values(parameter: Parameter, example: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the values that *parameter* takes, each with the word for it in an id."""
    match parameter.type:
        case "number":
            yield from ((_slug(found), found) for found in _numbers(parameter, example))
        case "integer":
            low = math.ceil(parameter.bounds.get("minimum", 0))
            wanted = _FACTORS if "cycle" in parameter.unit else (low, low + 1, *_PERIODS)
            yield from ((_slug(found), found) for found in sorted(set(wanted)))
        case "boolean":
            yield from (("no", False), ("yes", True))
        case "choice":
            yield from ((_slug(choice), choice) for choice in parameter.choices)
        case "formula":
            yield from _FORMULAS.items()
        case "metrics":
            yield from _METRICS.items()
        case "numbers" | "integers":
            for found in ([0], [1], [3], [2.5], [3.0], [3, 3], [0, 1], [1, 2, 3, 5, 10], []):
                yield "-".join(map(_slug, found)) or "none", found
        case "schedule" | "schedules":
            yield from _nested(parameter, example)


def _numbers(parameter: Parameter, example: Mapping[str, Any]) -> list[float]:
    bounds = parameter.bounds
    found: list[float] = [0, 0.0, _BESIDE, 1, 1.0]
    for bound, direction in (
        ("minimum", 1),
        ("exclusiveMinimum", 1),
        ("maximum", -1),
        ("exclusiveMaximum", -1),
    ):
        if bound in bounds:
            found += [float(bounds[bound]), bounds[bound] + direction * _BESIDE]
    if parameter.unit == "rate":
        base = example.get("base_lr", 0.5)
        found += [base, base * 2]
    else:
        found += [0.5, 1 - _BESIDE, 1 + _BESIDE]
    return sorted(set(map(_Spelled, found)), key=lambda number: (float(number), number.text))


class _Spelled(float):
    """A number that is another one where it is spelled otherwise: 1 and 1.0."""

    def __new__(cls, number: float) -> _Spelled:
        found = super().__new__(cls, number)
        found.text = str(number)
        return found

    text: str

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelled) and other.text == self.text

    def __str__(self) -> str:
        return self.text


def _nested(parameter: Parameter, example: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, schedule in schedules().items():
        if not schedule.document.get("nests", True):
            continue
        inner = {n: v for n, v in schedule.document["example"].items() if n != "base_lr"}
        member = {"schedule": kind, **inner}
        if parameter.type == "schedule":
            yield _slug(kind), member
        else:
            first, second = example[parameter.name][:2]
            yield f"{_slug(kind)}-first", [member, second]
            yield f"{_slug(kind)}-second", [first, member]


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
        words = ", ".join(f"{name} {_words(choice)}" for name, choice in chosen.items())
        label = "-".join(_slug(choice) for choice in made)
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
        label = "-".join(map(_slug, boundaries))
        given = {**example, steps.name: boundaries, rates.name: values}
        yield f"pairs-{label}", f"{steps.name} {_words(boundaries)}.", given


def _series(
    schedule: Schedule, example: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every series of metrics under every choice; for max each metric is turned over."""
    if schedule.machine is None:
        return
    for (name, metrics), mode, threshold_mode in product(
        _METRICS.items(), ("min", "max"), ("rel", "abs")
    ):
        sign = 1 if mode == "min" else -1
        seen = [None if metric is None else sign * metric for metric in metrics]
        given = {"mode": mode, "threshold_mode": threshold_mode, schedule.machine.input: seen}
        words = f"Metrics {name.replace('-', ' ')}, {mode}, {threshold_mode}."
        yield f"series-{name}-{mode}-{threshold_mode}", words, {**example, **given}


def _slug(found: Any) -> str:
    """Return a value or name in the letters of an id."""
    text = str(found).lower() if not isinstance(found, bool) else ("yes" if found else "no")
    return re.sub(r"[^a-z0-9]+", "-", text.replace(".", "p")).strip("-")


def _words(found: Any) -> str:
    return json.dumps(_plain(found)) if not isinstance(found, str) else found


def _plain(found: Any) -> Any:
    """Return *found* as JSON has it, a number as it is spelled."""
    if isinstance(found, _Spelled):
        return json.loads(found.text)
    if isinstance(found, Mapping):
        return {name: _plain(inner) for name, inner in found.items()}
    return [_plain(inner) for inner in found] if isinstance(found, list) else found


def text(schedule: Schedule) -> str:
    """Return the file of one schedule, a case a line."""
    lines = [json.dumps(case, ensure_ascii=False) for case in generated(schedule)]
    body = ",\n    ".join(lines)
    head = f'"$schema": "../../../spec/schema/cases.schema.json",\n  "schedule": "{schedule.kind}"'
    return f'{{\n  {head},\n  "cases": [\n    {body}\n  ]\n}}\n'


def path_of(schedule: Schedule) -> Path:
    """Return where the cases of *schedule* are kept."""
    return FOLDER / f"{schedule.kind}.json"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for one in schedules().values():
        path_of(one).write_text(text(one), encoding="utf-8")
