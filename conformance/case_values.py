"""The values that a parameter takes in the generated cases, and their text in ids and descriptions."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import schedules

_OFFSET = 0.001
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
METRICS = {
    "never-better": [1.0],
    "always-better": [10.0 / 2**i for i in range(30)],
    "equal": [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4],
    "negative": [-1.0, -1.0, -1.0, -2.0, -2.0, -2.0, -1.5, -1.5],
    "nan-first": [None, 1.0, 0.5, 0.4, 0.4, 0.4, 0.4],
    "nan-later": [1.0, 0.5, None, None, 0.4, None, 0.3, 0.3],
    "in-cooldown": [1.0, 1.0, 1.0, 1.0, 0.5, 1.0, 0.9, 0.8, 0.8, 0.8],
    "zero": [0.0, 0.0, 0.0, 0.0, 0.0],
}


def values(parameter: Parameter, example: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values that *parameter* takes, each with its label in an id."""
    match parameter.type:
        case "number":
            yield from ((slug(number), number) for number in _numbers(parameter, example))
        case "integer":
            low = math.ceil(parameter.bounds.get("minimum", 0))
            integers = _FACTORS if "cycle" in parameter.unit else (low, low + 1, *_PERIODS)
            yield from ((slug(integer), integer) for integer in sorted(set(integers)))
        case "boolean":
            yield from (("no", False), ("yes", True))
        case "choice":
            yield from ((slug(choice), choice) for choice in parameter.choices)
        case "formula":
            yield from _FORMULAS.items()
        case "metrics":
            yield from METRICS.items()
        case "numbers" | "integers":
            for steps in ([0], [1], [3], [2.5], [3.0], [3, 3], [0, 1], [1, 2, 3, 5, 10], []):
                yield "-".join(map(slug, steps)) or "none", steps
        case "schedule" | "schedules":
            yield from _nested(parameter, example)


def _numbers(parameter: Parameter, example: Mapping[str, Any]) -> list[float]:
    bounds = parameter.bounds
    numbers: list[float] = [0, 0.0, _OFFSET, 1, 1.0]
    for bound, direction in (
        ("minimum", 1),
        ("exclusiveMinimum", 1),
        ("maximum", -1),
        ("exclusiveMaximum", -1),
    ):
        if bound in bounds:
            numbers += [float(bounds[bound]), bounds[bound] + direction * _OFFSET]
    if parameter.unit == "rate":
        base = example.get("base_lr", 0.5)
        numbers += [base, base * 2]
    else:
        numbers += [0.5, 1 - _OFFSET, 1 + _OFFSET]
    return sorted(set(map(_Literal, numbers)), key=lambda number: (float(number), number.text))


class _Literal(float):
    """A number that compares by its literal: 1 and 1.0 are two values."""

    def __new__(cls, number: float) -> _Literal:
        literal = super().__new__(cls, number)
        literal.text = str(number)
        return literal

    text: str

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Literal) and other.text == self.text

    def __str__(self) -> str:
        return self.text


def _nested(parameter: Parameter, example: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, schedule in schedules().items():
        if not schedule.document.get("nests", True):
            continue
        inner = {n: v for n, v in schedule.document["example"].items() if n != "base_lr"}
        member = {"schedule": kind, **inner}
        if parameter.type == "schedule":
            yield slug(kind), member
        else:
            first, second = example[parameter.name][:2]
            yield f"{slug(kind)}-first", [member, second]
            yield f"{slug(kind)}-second", [first, member]


def slug(value: Any) -> str:
    """Return a value or a name in the characters of an id."""
    text = str(value).lower() if not isinstance(value, bool) else ("yes" if value else "no")
    return re.sub(r"[^a-z0-9]+", "-", text.replace(".", "p")).strip("-")


def text_of(value: Any) -> str:
    """Return a value as a description has it: JSON, or the kind of a nested schedule."""
    if isinstance(value, Mapping):
        return str(value["schedule"])
    return value if isinstance(value, str) else json.dumps(as_json(value))


def as_json(value: Any) -> Any:
    """Return *value* as plain JSON data, a number with its literal."""
    if isinstance(value, _Literal):
        return json.loads(value.text)
    if isinstance(value, Mapping):
        return {name: as_json(inner) for name, inner in value.items()}
    return [as_json(inner) for inner in value] if isinstance(value, list) else value
