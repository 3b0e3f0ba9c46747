"""Restarts of cycles whose lengths grow by a factor, in exact integers.

Cycle i starts at T_0·(T_mult**i − 1)/(T_mult − 1); no logarithm is taken.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

_BEYOND = 2**256  # later than any step; a start or length beyond it is not computed


@lru_cache(maxsize=256)
def restart_starts(first: int, factor: int, horizon: int) -> tuple[int, ...]:
    """Return the start of every cycle from 0 to the first one after *horizon*, in steps.

    Only for *factor* above 1, where they are few: they grow by powers of *factor*.
    """
    starts, length = [0], first
    while starts[-1] <= horizon:
        starts.append(starts[-1] + length)
        length *= factor
    return tuple(starts)


def _is_beyond(index: int, factor: int) -> bool:
    return (factor.bit_length() - 1) * index > _BEYOND.bit_length()


def restart_start(index: int, first: int, factor: int) -> int:
    """Return the step at which cycle *index* starts."""
    index, first, factor = int(index), int(first), int(factor)
    if factor == 1:
        return first * index
    if _is_beyond(index, factor):
        return _BEYOND
    return int(first * (factor**index - 1) // (factor - 1))


def restart_length(index: int, first: int, factor: int) -> int:
    """Return the number of steps of cycle *index*."""
    if _is_beyond(int(index), int(factor)):
        return _BEYOND
    return int(int(first) * int(factor) ** int(index))


def restart_index(t: float, first: int, factor: int) -> int:
    """Return the index of the cycle that contains step *t*."""
    first, factor = int(first), int(factor)
    if factor == 1:
        return int(t // first)
    return bisect.bisect_right(restart_starts(first, factor, math.floor(t)), t) - 1


def every(first: int, period: int, horizon: int) -> list[int]:
    """Return the steps first, first + period, … up to *horizon*."""
    return list(range(int(first), int(horizon) + 1, int(period)))


def restarts(first: int, factor: int, horizon: int) -> list[int]:
    """Return the steps up to *horizon* at which a cycle after the first one starts."""
    if factor == 1:
        return every(first, first, horizon)
    return [s for s in restart_starts(int(first), int(factor), int(horizon))[1:] if s <= horizon]


def restart_index_array(t: Any, first: int, factor: int) -> Any:
    """Return the index of the cycle that contains each step of an array *t*."""
    first, factor = int(first), int(factor)
    if factor == 1:
        return np.floor_divide(t, float(first))
    starts = restart_starts(first, factor, math.floor(np.max(t, initial=0)))
    return np.searchsorted(np.asarray(starts[:-1], dtype=np.float64), t, side="right") - 1


def restart_start_array(index: Any, first: int, factor: int) -> Any:
    """Return the step at which each cycle of an array *index* starts."""
    if int(factor) == 1:
        return np.multiply(index, float(first))
    return _by_cycle(restart_start, index, first, factor)


def restart_length_array(index: Any, first: int, factor: int) -> Any:
    """Return the number of steps of each cycle of an array *index*."""
    return first if int(factor) == 1 else _by_cycle(restart_length, index, first, factor)


def _by_cycle(of_one: Callable[[int, int, int], int], index: Any, first: int, factor: int) -> Any:
    cycles = [of_one(i, first, factor) for i in range(int(np.max(index, initial=0)) + 1)]
    return np.asarray(cycles, dtype=np.float64)[np.asarray(index, dtype=np.int64)]
