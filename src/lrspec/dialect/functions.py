"""The functions that a rule may call, and the exceptions that it may raise."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrspec.spec.formula.restarts import restart_index


def _first_above(values: Sequence[float], x: float) -> int:
    """Return the index of the first of *values* that is above *x*, their number if none is."""
    return next((i for i, value in enumerate(values) if x < value), len(values))


def _first_reached(values: Sequence[float], x: float) -> int:
    """Return the index of the first of *values* that is at least *x*, their number if none is."""
    return next((i for i, value in enumerate(values) if x <= value), len(values))


def _product(factor: Callable[[int], float], start: float, t: int) -> float:
    """Return start · factor(1) · … · factor(t), multiplied from the left."""
    for step in range(1, t + 1):
        start = start * factor(step)
    return start


def _between_steps(milestones: Sequence[float]) -> bool:
    """Return whether one of *milestones* is not a whole step."""
    return any(milestone != int(milestone) for milestone in milestones)


def _logarithm(x: float, base: float) -> float:
    """Return CPython's `math.log(x, base)`: the quotient of two rounded logarithms."""
    return math.log(x, base)


#: Every function that a rule may call.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "between_steps": _between_steps,
    "callable": callable,
    "ceil": math.ceil,
    "cos": math.cos,
    "count": lambda counter, x: counter[x],
    "counter": Counter,
    "elements": lambda counter: list(counter.elements()),
    "exp": math.exp,
    "first_above": _first_above,
    "first_reached": _first_reached,
    "float": float,
    "floor": math.floor,
    "int": int,
    "is_float": lambda x: isinstance(x, float),
    "is_integer": lambda x: isinstance(x, int),
    "is_list": lambda x: isinstance(x, (list, tuple)),
    "is_number": lambda x: isinstance(x, (int, float)),
    "len": len,
    "list": list,
    "logarithm": _logarithm,
    "lower": lambda text: text.lower(),
    "max": max,
    "min": min,
    "passed": bisect.bisect_right,
    "product": _product,
    "restart_index": restart_index,
    "sorted": sorted,
}
CONSTANTS = {"pi": math.pi, "inf": math.inf}

_ERRORS = {
    error.__name__: error
    for error in (AssertionError, AttributeError, KeyError, NotImplementedError, RuntimeError)
} | {"TypeError": TypeError, "ValueError": ValueError}


class Abort(BaseException):
    """The framework aborts the process, and the run is lost."""


class Predicted:
    """Marks an exception whose message is a pattern; mixed into the exception's own class."""


def raised(kind: str, message: str) -> Exception:
    """Return an exception of *kind* whose *message* is a regular expression."""
    if kind == "Abort":
        raise Abort(message)
    error = type(kind, (Predicted, _ERRORS[kind]), {})
    return error(message)  # type: ignore[no-any-return]
