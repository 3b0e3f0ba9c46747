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

_FEW = 64  # items that are not worth a second process
_CHUNKS = 16  # parts of the work of each process, so that all end at about the same time
_inherited: list[Any] = []


def mapped(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function(item)` for each of *items*, in order.

    Many items are divided among forked processes, one per core. A fork inherits *function* and
    *items*, so that only the results are sent. Only Linux forks safely.
    """
    if sys.platform != "linux" or len(items) <= _FEW:
        return [function(item) for item in items]
    processes, context = os.cpu_count() or 1, multiprocessing.get_context("fork")
    chunk = max(len(items) // (processes * _CHUNKS), 1)
    with ProcessPoolExecutor(processes, context, _inherit, (function, items)) as pool:
        return list(pool.map(_result, range(len(items)), chunksize=chunk))


def _inherit(function: Callable[[Any], Any], items: Sequence[Any]) -> None:
    _inherited[:] = [function, items]


def _result(index: int) -> Any:
    function, items = _inherited
    return function(items[index])
