"""The same function of many items, on every core."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_FEW = 1000  # items that are not worth a second process
_CHUNK = 50  # items whose results are sent together
_inherited: list[Any] = []


def mapped(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function(item)` for each of *items*, in order.

    Many items are divided among forked processes, one per core. A fork inherits *function* and
    *items*, so that only the results are sent. Only Linux forks safely.
    """
    if sys.platform != "linux" or len(items) <= _FEW:
        return [function(item) for item in items]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), context, _inherit, (function, items)) as pool:
        return list(pool.map(_result, range(len(items)), chunksize=_CHUNK))


def _inherit(function: Callable[[Any], Any], items: Sequence[Any]) -> None:
    _inherited[:] = [function, items]


def _result(index: int) -> Any:
    function, items = _inherited
    return function(items[index])
