"""The functions of the formula language: one table with their definitions on numbers and on arrays.

On arrays every number is a float64, in which each step below 2**53 and the remainder and floor of a
division are exact.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np

from lrspec.errors import BadInput
from lrspec.spec.formula.operators import OPERATORS
from lrspec.spec.formula.restarts import (
    every,
    restart_index,
    restart_index_array,
    restart_length,
    restart_length_array,
    restart_start,
    restart_start_array,
    restarts,
)


@dataclass(frozen=True, eq=False)
class Table:
    """The values of the names in compiled code; tables are compared by identity."""

    names: Mapping[str, Any]


@dataclass(frozen=True)
class FormulaFunction:
    """A function of the formula language: its meaning on single numbers and on arrays.

    `arguments` is their number (None: two or more). An `elementary` function takes numbers to a
    number and is always quick: a recipe's own formula may call it.
    """

    arguments: int | None
    scalar: Callable[..., Any]
    array: Callable[..., Any]
    elementary: bool = False


def increasing(values: Sequence[float]) -> bool:
    """Return whether no value is below the one before it."""
    return all(a <= b for a, b in pairwise(values))


_POLES = ((math.log, 0), (math.log1p, -1))


def _total(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return *function* with NumPy's infinities and NaNs where Python raises."""

    def of(a: float) -> float:
        try:
            return function(a)
        except OverflowError:
            return math.inf
        except ValueError:
            return -math.inf if (function, a) in _POLES else math.nan

    return of


def _exact_below(function: Callable[[float], int]) -> Callable[[float], float]:
    """Return *function* for numbers below 2**53; what is larger is whole, and stays a float."""
    return lambda a: function(a) if abs(a) < 2**53 else a


#: The largest number of steps that are computed one after another.
MOST_STEPS = 10**7


def whole_steps(t: float) -> int:
    """Return the whole steps in *t*; raise `BadInput` for more than `MOST_STEPS`."""
    if not t <= MOST_STEPS:
        raise BadInput("t", t, f"at most {MOST_STEPS} steps: each rate depends on all before it")
    return math.floor(t)


def product(factor: Callable[[Any], Any], t: float) -> Any:
    """Return factor(1) · factor(2) · … · factor(t), which is 1 at t = 0."""
    return reduce(lambda value, step: value * factor(step), range(1, whole_steps(t) + 1), 1.0)


def _product_array(factor: Callable[[Any], Any], t: Any) -> Any:
    last = whole_steps(float(np.max(t, initial=0)))
    factors = np.ones(last + 1)
    if last:
        factors[1:] = factor(np.arange(1.0, last + 1.0))
    return np.cumprod(factors)[np.maximum(np.floor(t), 0).astype(np.int64)]


def _passed_array(points: Sequence[float], t: Any) -> Any:
    return np.searchsorted(np.asarray(points), t, side="right")


def _pick(values: Sequence[float], index: float) -> float:
    return values[int(index)]


def _pick_array(values: Sequence[float], index: Any) -> Any:
    return np.asarray(values, dtype=np.float64)[np.asarray(index, dtype=np.int64)]


def _where(condition: Any, body: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """Select element by element; a single condition evaluates only the branch that it selects."""
    if np.ndim(condition) == 0:
        return body() if condition else orelse()
    return np.where(condition, body(), orelse())


def _pairwise(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return *function* of two arrays as one of two or more."""
    return lambda *values: reduce(function, values)


def _by_math(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """Return *function* of numbers as one of arrays: slower, and correct to the last place."""
    of_objects = np.frompyfunc(_total(function), 1, 1)
    return lambda a: np.asarray(of_objects(a), dtype=np.float64)


def _elementary(scalar: Callable[[float], float], array: Callable[[Any], Any]) -> FormulaFunction:
    return FormulaFunction(1, _total(scalar), array, elementary=True)


#: Before 1.25 the cosine of NumPy is up to 3 ULP off where the processor has AVX-512.
_PRECISE = np.lib.NumpyVersion(np.__version__) >= "1.25.0"

#: Every function that a formula may call.
FUNCTIONS: dict[str, FormulaFunction] = {
    "abs": FormulaFunction(1, abs, np.abs, elementary=True),
    "ceil": _elementary(_exact_below(math.ceil), np.ceil),
    "cos": _elementary(math.cos, np.cos if _PRECISE else _by_math(math.cos)),
    "every": FormulaFunction(3, every, every),
    "exp": _elementary(math.exp, np.exp),
    "floor": _elementary(_exact_below(math.floor), np.floor),
    "increasing": FormulaFunction(1, increasing, increasing),
    "length": FormulaFunction(1, len, len),
    "log": _elementary(math.log, np.log),
    "log1p": _elementary(math.log1p, _by_math(math.log1p)),
    "max": FormulaFunction(None, max, _pairwise(np.maximum), elementary=True),
    "min": FormulaFunction(None, min, _pairwise(np.minimum), elementary=True),
    "passed": FormulaFunction(2, bisect.bisect_right, _passed_array),
    "pick": FormulaFunction(2, _pick, _pick_array),
    "product": FormulaFunction(2, product, _product_array),
    "restart_index": FormulaFunction(3, restart_index, restart_index_array),
    "restart_length": FormulaFunction(3, restart_length, restart_length_array),
    "restart_start": FormulaFunction(3, restart_start, restart_start_array),
    "restarts": FormulaFunction(3, restarts, restarts),
    "sin": _elementary(math.sin, np.sin if _PRECISE else _by_math(math.sin)),
    "sqrt": _elementary(math.sqrt, np.sqrt),
}
ELEMENTARY = frozenset(name for name, function in FUNCTIONS.items() if function.elementary)
CONSTANTS = {"pi": math.pi}

#: The meaning of a formula on single Python numbers.
SCALAR = Table(
    {
        **CONSTANTS,
        **{name: function.scalar for name, function in FUNCTIONS.items()},
        **{o.call: o.scalar for o in OPERATORS.values() if o.scalar is not o.exact},
    }
)
#: The meaning of a formula on NumPy arrays, where a condition selects element by element.
ARRAY = Table(
    {
        **CONSTANTS,
        **{name: function.array for name, function in FUNCTIONS.items()},
        **{o.call: o.array for o in OPERATORS.values() if o.array is not o.exact},
        "__where": _where,
        "__and": _pairwise(np.logical_and),
        "__or": _pairwise(np.logical_or),
        "__not": np.logical_not,
    }
)
