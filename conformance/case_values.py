"""The values that a parameter takes in the cases, and how they are spelled there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lrspec.spec.parameter import Parameter
from lrspec.spec.schedule import schedules

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
    """Return the values that *parameter* takes, each with the word for it in an id."""
    match parameter.type:
        case "number":
            yield from ((slug(found), found) for found in _numbers(parameter, example))
        case "integer":
            low = math.ceil(parameter.bounds.get("minimum", 0))
            wanted = _FACTORS if "cycle" in parameter.unit else (low, low + 1, *_PERIODS)
            yield from ((slug(found), found) for found in sorted(set(wanted)))
        case "boolean":
            yield from (("no", False), ("yes", True))
        case "choice":
            yield from ((slug(choice), choice) for choice in parameter.choices)
        case "formula":
            yield from _FORMULAS.items()
        case "metrics":
            yield from METRICS.items()
        case "numbers" | "integers":
            for found in ([0], [1], [3], [2.5], [3.0], [3, 3], [0, 1], [1, 2, 3, 5, 10], []):
                yield "-".join(map(slug, found)) or "none", found
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
            yield slug(kind), member
        else:
            first, second = example[parameter.name][:2]
            yield f"{slug(kind)}-first", [member, second]
            yield f"{slug(kind)}-second", [first, member]


def slug(found: Any) -> str:
    """Return a value or name in the letters of an id."""
    text = str(found).lower() if not isinstance(found, bool) else ("yes" if found else "no")
    return re.sub(r"[^a-z0-9]+", "-", text.replace(".", "p")).strip("-")


def words_of(found: Any) -> str:
    """Return a value in the words of a description."""
    return json.dumps(plain(found)) if not isinstance(found, str) else found


def plain(found: Any) -> Any:
    """Return *found* as JSON has it, a number as it is spelled."""
    if isinstance(found, _Spelled):
        return json.loads(found.text)
    if isinstance(found, Mapping):
        return {name: plain(inner) for name, inner in found.items()}
    return [plain(inner) for inner in found] if isinstance(found, list) else found
