"""Copies of a live scheduler, and the rates that a copy has from now on.

Runs in the framework's process: standard library only, Python 3.8 syntax.
"""

import contextlib
import copy
import inspect
import io
import time
import warnings
from typing import Any, Dict, List, Optional, Tuple

from . import functions

_SECONDS = 1.0


def is_scheduler(value: Any) -> bool:
    """Return whether *value* has steps and a state, and is not an optimizer."""
    kind = type(value)
    stepped = hasattr(kind, "step") and hasattr(kind, "state_dict")
    return stepped and not is_optimizer(value) and not isinstance(value, type)


def reads_metric(scheduler: Any) -> bool:
    """Return whether a step of *scheduler* takes a metric."""
    parameter = next(iter(inspect.signature(scheduler.step).parameters), "")
    return parameter in ("metric", "metrics")


def is_optimizer(value: Any) -> bool:
    """Return whether *value* holds parameter groups."""
    return hasattr(value, "param_groups") or hasattr(value, "_param_groups")


def rates_ahead(scheduler: Any, count: int, metrics: List[float]) -> Tuple[List[List[float]], Any]:
    """Return the next *count* rates of *scheduler*, of a copy, and what ended them."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return ahead(scheduler, count - 1, metrics, float("inf"))


def ahead(
    scheduler: Any, steps: int, metrics: List[float], seconds: float = _SECONDS
) -> Tuple[List[List[float]], Optional[str]]:
    """Return the rates of *steps* steps from now on, taken from a copy of *scheduler*.

    The copy is stepped with each of *metrics*, if there are any. The rates end at the first step
    that raises; the second value is the name of that exception. They are empty if they cannot be
    read or the scheduler cannot be copied.
    """
    rows: List[List[float]] = []
    deadline = time.monotonic() + seconds
    with contextlib.suppress(Exception):
        other = copied(scheduler)
        for index in range(steps + 1):
            if index:
                try:
                    other.step(*metrics[index - 1 : index])
                except Exception as error:
                    return rows, type(error).__name__
            row = _rates(other)
            if row is None or time.monotonic() > deadline:
                break
            rows.append(row)
    return rows, None


def _rates(scheduler: Any) -> Optional[List[float]]:
    """Return the rates that *scheduler* has set, one per group; None if they are not finite."""
    groups = getattr(getattr(scheduler, "optimizer", None), "param_groups", None)
    rates = [getattr(scheduler, "last_lr", None)] if groups is None else [g["lr"] for g in groups]
    numbers = [functions.number(rate) for rate in rates]
    finite = all(isinstance(number, (int, float)) for number in numbers)
    return [float(number) for number in numbers] if finite else None


def copied(scheduler: Any) -> Any:
    """Return a copy of *scheduler* and its optimizer's rates that shares everything else."""
    return copy.deepcopy(scheduler, _shared(scheduler))


def _shared(scheduler: Any) -> Dict[int, Any]:
    """Return a memo with which `copy.deepcopy` copies only the scheduler's own state."""
    memo: Dict[int, Any] = {}
    waiting = list(vars(scheduler).values())
    seen = {id(scheduler)}
    while waiting:
        value = waiting.pop()
        if id(value) not in seen:
            seen.add(id(value))
            inner = _copied(value)
            if inner is None:
                hidden = is_optimizer(value)  # an optimizer without rates of its own is left out
                memo[id(value)] = None if hidden else value
            else:
                waiting.extend(inner)
    return memo


def _copied(value: Any) -> Optional[List[Any]]:
    """Return the parts of *value* if it is to be copied, None if it is to be shared."""
    if value is None or isinstance(value, str) or functions.number(value) is not None:
        return []
    if callable(value) and not is_scheduler(value):  # a function, but not a model
        return None if hasattr(value, "parameters") else []
    if isinstance(value, (list, tuple, set)):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    is_group = hasattr(value, "options") and hasattr(value, "parameters")
    if is_group or hasattr(value, "param_groups") or is_scheduler(value):
        return list(vars(value).values())
    return None
