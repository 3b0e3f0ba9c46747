"""What the names of the formula language mean: on NumPy arrays, and on single Python numbers.

Both tables hold the same names. On arrays every number is a float64, in which each step below
2**53 and the remainder and floor of a division are exact. `restart_index` and its kin work in exact
integers: cycle i starts at T_0·(T_mult**i − 1)/(T_mult − 1), and no logarithm is taken.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import pairwise
from typing import Any

import numpy as np

from lrspec.errors import BadInput

Table = Mapping[str, Any]


@lru_cache(maxsize=256)
def restart_starts(first: int, factor: int, horizon: int) -> tuple[int, ...]:
    """Return the start of every cycle from 0 to the first one beyond *horizon*, in steps.

    Only for *factor* above 1, where they are few: they grow by powers of *factor*.
    """
    starts, length = [0], first
    while starts[-1] <= horizon:
        starts.append(starts[-1] + length)
        length *= factor
    return tuple(starts)


_BEYOND = 2**256  # further than any step; what lies beyond is not worked out


def _is_beyond(index: int, factor: int) -> bool:
    return (factor.bit_length() - 1) * index > _BEYOND.bit_length()


def restart_start(index: int, first: int, factor: int) -> int:
    """Return the step at which cycle *index* starts, exactly."""
    index, first, factor = int(index), int(first), int(factor)
    if factor == 1:
        return first * index
    if _is_beyond(index, factor):
        return _BEYOND
    before: int = first * (factor**index - 1) // (factor - 1)
    return before


def restart_length(index: int, first: int, factor: int) -> int:
    """Return the number of steps of cycle *index*, exactly."""
    if _is_beyond(int(index), int(factor)):
        return _BEYOND
    length: int = int(first) * int(factor) ** int(index)
    return length


def restart_index(t: float, first: int, factor: int) -> int:
    """Return the index of the cycle that holds step *t*, exactly."""
    first, factor = int(first), int(factor)
    if factor == 1:
        return int(t // first)
    return bisect.bisect_right(restart_starts(first, factor, math.floor(t)), t) - 1


def every(first: int, period: int, horizon: int) -> list[int]:
    """Return the steps first, first + period, … up to *horizon*."""
    return list(range(int(first), int(horizon) + 1, int(period)))


def restarts(first: int, factor: int, horizon: int) -> list[int]:
    """Return the steps up to *horizon* at which a cycle after the first starts."""
    if factor == 1:
        return every(first, first, horizon)
    return [s for s in restart_starts(int(first), int(factor), int(horizon))[1:] if s <= horizon]


def increasing(values: Sequence[float]) -> bool:
    """Tell whether no value is below the one before it."""
    return all(a <= b for a, b in pairwise(values))


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:  # 0 to a negative power is infinite, as in NumPy; the rest has no value
        return math.inf if a == 0 else math.nan


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 else math.copysign(math.inf, a)
    return a / b


def _total(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return *function* with NumPy's infinities and NaNs where Python raises."""

    def of(a: float) -> float:
        try:
            return function(a)
        except OverflowError:
            return math.inf
        except ValueError:
            return -math.inf if function is math.log and a == 0 else math.nan

    return of


#: The largest number of steps that are computed one by one.
MOST_STEPS = 10**7


def _counted(t: float) -> int:
    """Return the whole steps in *t*; raise `BadInput` where they are more than `MOST_STEPS`."""
    if not t <= MOST_STEPS:
        raise BadInput("t", t, f"at most {MOST_STEPS} steps: each rate depends on all before it")
    return math.floor(t)


def product(factor: Callable[[Any], Any], t: float) -> Any:
    """Return factor(1) · factor(2) · … · factor(t), which is 1 at t = 0."""
    return reduce(lambda found, step: found * factor(step), range(1, _counted(t) + 1), 1.0)


def _product_array(factor: Callable[[Any], Any], t: Any) -> Any:
    last = _counted(float(np.max(t, initial=0)))
    factors = np.ones(last + 1)
    if last:
        factors[1:] = factor(np.arange(1.0, last + 1.0))
    return np.cumprod(factors)[np.maximum(np.floor(t), 0).astype(np.int64)]


_LISTS: dict[str, Callable[..., Any]] = {
    "every": every,
    "increasing": increasing,
    "length": len,
    "restarts": restarts,
}

SCALAR: Table = {
    **_LISTS,
    "pi": math.pi,
    "abs": abs,
    "ceil": _total(math.ceil),
    "cos": _total(math.cos),
    "exp": _total(math.exp),
    "floor": _total(math.floor),
    "log": _total(math.log),
    "max": max,
    "min": min,
    "passed": bisect.bisect_right,
    "pick": lambda values, i: values[int(i)],
    "product": product,
    "restart_index": restart_index,
    "restart_length": restart_length,
    "restart_start": restart_start,
    "sin": _total(math.sin),
    "sqrt": _total(math.sqrt),
    "__divide": _divide,
    "__floor_divide": lambda a, b: _divide(a, b) if b == 0 else a // b,
    "__modulo": lambda a, b: math.nan if b == 0 else a % b,
    "__power": _power,
}


def _modulo_array(a: Any, b: Any) -> Any:
    """Return a mod b; where every a already lies in [0, b), that is a itself, without the work."""
    if np.ndim(a) and np.ndim(b) == 0 and a.size and a.max() < b and a.min() >= 0:
        return a
    return np.mod(a, np.float64(b))


def _restart_index_array(t: Any, first: int, factor: int) -> Any:
    first, factor = int(first), int(factor)
    if factor == 1:
        return np.floor_divide(t, float(first))
    starts = restart_starts(first, factor, math.floor(np.max(t, initial=0)))
    return np.searchsorted(np.asarray(starts[:-1], dtype=np.float64), t, side="right") - 1


def _by_cycle(of_one: Callable[[int, int, int], int]) -> Callable[..., Any]:
    def of_array(index: Any, first: int, factor: int) -> Any:
        if int(factor) == 1:
            return np.multiply(index, float(first)) if of_one is restart_start else first
        cycles = [of_one(i, first, factor) for i in range(int(np.max(index, initial=0)) + 1)]
        return np.asarray(cycles, dtype=np.float64)[np.asarray(index, dtype=np.int64)]

    return of_array


def _fold(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda *values: reduce(ufunc, values)


#: Binary operators that may write over an operand, by the name of their syntax node.
IN_PLACE: dict[str, np.ufunc] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.divide,
}


def _by_math(function: Callable[[float], float]) -> Callable[..., Any]:
    """Return *function* of numbers as one of arrays, slower and right to the last place."""
    of_objects = np.frompyfunc(_total(function), 1, 1)

    def apply(a: Any, out: Any = None) -> Any:
        if out is not None:
            return of_objects(a, out=out, casting="unsafe")
        return np.asarray(of_objects(a), dtype=np.float64)

    return apply


#: Before 1.25 the cosine of NumPy is up to 3 ULP off where the processor has AVX-512.
_RIGHT = np.lib.NumpyVersion(np.__version__) >= "1.25.0"
#: Functions of one argument whose result is always a new array.
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "cos": np.cos if _RIGHT else _by_math(math.cos),
    "exp": np.exp,
    "floor": np.floor,
    "log": np.log,
    "sin": np.sin if _RIGHT else _by_math(math.sin),
    "sqrt": np.sqrt,
}


def _is_rates(a: Any) -> bool:
    """Tell whether *a* is an array that any result fits into."""
    return type(a) is np.ndarray and a.dtype == np.float64


def _over_left(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return *ufunc* of two operands, the first one a temporary array to write the result over."""

    def apply(a: Any, b: Any) -> Any:
        fits = _is_rates(a) and (np.ndim(b) == 0 or np.shape(b) == a.shape)
        return ufunc(a, b, out=a) if fits else ufunc(a, b)

    return apply


def _over_right(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return *ufunc* of two operands, the second one a temporary array to write over."""

    def apply(a: Any, b: Any) -> Any:
        fits = _is_rates(b) and (np.ndim(a) == 0 or np.shape(a) == b.shape)
        return ufunc(a, b, out=b) if fits else ufunc(a, b)

    return apply


def _over(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    """Return *ufunc* of one operand, a temporary array to write the result over."""
    return lambda a: ufunc(a, out=a) if _is_rates(a) else ufunc(a)


ARRAY: Table = {
    **_LISTS,
    **ELEMENTWISE,
    **{f"__over_{name}": _over(ufunc) for name, ufunc in ELEMENTWISE.items()},
    **{f"__{name}_left": _over_left(ufunc) for name, ufunc in IN_PLACE.items()},
    **{f"__{name}_right": _over_right(ufunc) for name, ufunc in IN_PLACE.items()},
    "pi": math.pi,
    "max": _fold(np.maximum),
    "min": _fold(np.minimum),
    "passed": lambda points, t: np.searchsorted(np.asarray(points), t, side="right"),
    "pick": lambda values, i: np.asarray(values, dtype=np.float64)[np.asarray(i, dtype=np.int64)],
    "product": _product_array,
    "restart_index": _restart_index_array,
    "restart_length": _by_cycle(restart_length),
    "restart_start": _by_cycle(restart_start),
    "__divide": np.divide,
    "__floor_divide": lambda a, b: np.floor_divide(a, np.float64(b)),
    "__modulo": _modulo_array,
    "__power": np.float_power,
    "__where": np.where,
    "__and": np.logical_and,
    "__or": np.logical_or,
    "__not": np.logical_not,
}
