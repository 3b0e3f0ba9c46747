"""Random recipes of every schedule, drawn from the declarations of their parameters."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from lrspec.errors import BadInput
from lrspec.spec.parameter import Parameter
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules

_DEEPEST = 3  # levels of schedules
_TRIES = 1000
_NATURAL = (0.0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.95, 1.0, 2.0, 3.0, 10.0)
_RATES = (0.1, 0.4, 1.0, 0.03, 1e-3, 5e-5, 3.0)
_FORMULAS = (
    "1 / (1 + 0.1 * t)",
    "0.5 ** t",
    "1 - t / 40",
    "1 / sqrt(t + 1)",
    "1 + sin(t) / 2",
    "0.9 if t < 7 else 0.3",
    "max(0, 1 - t / 9)",
)
_CYCLES = ("1 / 2 ** (x - 1)", "0.99 ** x", "1")
_METRICS = (3.0, 2.0, 1.5, 1.0, 0.999, 0.5, 0.0, -1.0, 10.0, None)


def draw(rng: Random) -> Recipe:
    """Return a random recipe: nested up to three levels, with one to three parameter groups."""
    for _ in range(_TRIES):
        document = _schedule(rng, 1)
        groups = rng.choice((1, 1, 1, 2, 3))
        rates = [_rate(rng) for _ in range(groups)]
        document["base_lr"] = rates[0] if groups == 1 else rates
        try:
            return from_dict(document)
        except BadInput:  # a constraint between parameters, or a schedule that does not nest
            continue
    raise RuntimeError(f"no recipe in {_TRIES} draws")


def _rate(rng: Random) -> float:
    return rng.choice(_RATES) if rng.random() < 0.7 else round(rng.uniform(1e-6, 2.0), 6)


def _schedule(rng: Random, depth: int) -> dict[str, Any]:
    kinds = [
        kind
        for kind, schedule in schedules().items()
        if depth < _DEEPEST or schedule.composition is None
    ]
    kind = rng.choice(kinds)
    document: dict[str, Any] = {"schedule": kind}
    for name, parameter in schedules()[kind].parameters.items():
        if parameter.required or rng.random() < 0.6:
            document[name] = _value(rng, parameter, depth)
    if "milestones" in document and "schedules" in document:
        count = len(document["schedules"]) - 1
        document["milestones"] = sorted(rng.sample(range(1, 30), count))
    if "values" in document and "boundaries" in document:
        document["values"] = [_rate(rng) for _ in range(len(document["boundaries"]) + 1)]
    return document


def _value(rng: Random, parameter: Parameter, depth: int) -> Any:
    match parameter.type:
        case "schedule":
            return _schedule(rng, depth + 1)
        case "schedules":
            return [_schedule(rng, depth + 1) for _ in range(rng.randint(1, 3))]
        case "boolean":
            return rng.random() < 0.5
        case "choice":
            return rng.choice(parameter.choices)
        case "formula":
            return rng.choice(_FORMULAS)
        case "metrics":
            return [rng.choice(_METRICS) for _ in range(rng.randint(1, 40))]
        case "integers" | "numbers" if parameter.unit == "steps":
            odd = rng.random() < 0.1 and parameter.type == "numbers"
            steps = sorted(rng.sample(range(1, 40), rng.randint(1, 4)))
            return [step + 0.5 if odd else step for step in steps]
        case "integers" | "numbers":
            return [_rate(rng) for _ in range(rng.randint(1, 4))]
        case "integer":
            lowest = max(int(parameter.bounds.get("minimum", 0)), 0)
            return rng.randint(lowest, lowest + rng.choice((2, 5, 12, 30)))
    return _number(rng, parameter)


def _number(rng: Random, parameter: Parameter) -> float:
    """Return a natural or an odd number, mostly within the parameter's bounds."""
    low = parameter.bounds.get("minimum", parameter.bounds.get("exclusiveMinimum", 0.0))
    high = parameter.bounds.get("maximum", parameter.bounds.get("exclusiveMaximum", math.inf))
    if parameter.unit == "rate":
        return _rate(rng) if rng.random() < 0.8 else 0.0
    if parameter.unit == "steps":
        return rng.randint(max(int(low), 0), 30)
    natural = [number for number in _NATURAL if low <= number <= high] or [low]
    if rng.random() < 0.7:
        return rng.choice(natural)
    return round(rng.uniform(low, min(high, low + 3.0)), 3)
