"""A live scheduler as plain JSON: its classes, attributes, parameter groups and future rates.

Runs in the process of the scheduler, the framework's interpreter or the user's: standard library
only, Python 3.8 syntax. The scheduler itself is never stepped. A copy of it is, which shares with
the original whatever is neither a number nor a scheduler.

    class      the name of its class
    lineage    that class and its bases, each with its module, name, docstring and attributes
    held       its attributes: numbers, strings and lists as they are, and otherwise
               {"float": "inf"}, {"dict": …}, {"scheduler": …}, {"function": …} as `functions.py`
               describes it, {"method": name} for a method of the framework's class, or
               {"object": class name}
    replaced   the attributes that override a method of its class
    own_rates  a user's own `get_lr`, as `own_rates.py` describes it; absent if there is none
    groups     the numeric options of each parameter group
    metrics    the metrics that the copy is stepped with, if its step() takes one
    ahead      the rates of the copy from now on, a row per step
    raised     the exception type that ended `ahead`, None if none did
    version    the version of its framework, "" if it is not of a trusted package
"""

import contextlib
import io
import types
import warnings
from collections import Counter
from typing import Any, Dict, Iterator, List, Mapping, Sequence

from . import copies, functions, own_rates
from .copies import copied, is_optimizer, is_scheduler, reads_metric
from .version import framework_version

#: The methods that decide a rate, and may have other effects.
_STEPS = ("step", "get_lr", "_get_closed_form_lr")
#: The metrics for the copy of a scheduler that reads one: improving, constant, worse.
METRICS = [1.0, 0.9, 0.8] + [0.8] * 60 + [0.2] + [2.0] * 192
_DEEPEST = 20


def describe(scheduler: Any, trusted: Sequence[str]) -> Dict[str, Any]:
    """Return *scheduler* as a JSON object; its output and warnings are suppressed.

    A copy is stepped only if every step of it is defined in one of the *trusted* packages, the
    frameworks', or belongs to a recipe.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        description = _one(scheduler, 0)
        metrics = METRICS if reads_metric(scheduler) else []
        steps = len(METRICS) if _is_safe(description, trusted) else 0
        ahead, raised = copies.ahead(scheduler, steps, metrics)
        groups = getattr(getattr(scheduler, "optimizer", None), "param_groups", ())
        options = [_options(group) for group in groups]
    lineage = [base["module"] for base in description["lineage"]]
    run = {"metrics": metrics, "ahead": ahead, "raised": raised}
    return dict(description, groups=options, version=framework_version(lineage, trusted), **run)


def _is_safe(description: Dict[str, Any], trusted: Sequence[str]) -> bool:
    """Return whether a step of a copy only changes its rates.

    A `step` that is neither in a trusted package nor accompanied by a recipe may do anything.
    """
    for part in _objects(description):
        own = [c for c in part.get("lineage", ()) if c["module"].partition(".")[0] not in trusted]
        if any(name in c["defines"] for c in own for name in _STEPS) and not claims(part):
            return False
    return True


def claims(part: Any) -> List[str]:
    """Return the docstrings with a recipe in (part of) a description."""
    return [found["doc"] for found in _objects(part) if isinstance(found.get("doc"), str)]


def _objects(part: Any) -> Iterator[Dict[str, Any]]:
    """Yield the JSON objects in (part of) a description, the outer ones first."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _objects(item)


def _one(scheduler: Any, depth: int) -> Dict[str, Any]:
    if depth > _DEEPEST:
        raise ValueError("the schedulers are nested too deeply")
    lineage = [base for base in type(scheduler).__mro__ if base is not object]
    held = {k: v for k, v in vars(scheduler).items() if not is_optimizer(v)}
    own = own_rates.describe(scheduler, copied)
    return {
        **({"own_rates": own} if own else {}),
        "class": type(scheduler).__name__,
        "lineage": [
            {
                "module": base.__module__,
                "name": base.__qualname__,
                "doc": functions.claim([vars(base).get("__doc__")]),
                "defines": sorted(vars(base)),
            }
            for base in lineage
        ],
        "held": {name: _value(value, scheduler, depth) for name, value in held.items()},
        "replaced": sorted(
            name
            for name, value in held.items()
            if callable(value) and hasattr(lineage[0], name) and not _is_own(value, name, scheduler)
        ),
    }


def _value(value: Any, owner: Any, depth: int) -> Any:
    number = functions.number(value)
    if number is not None:
        return number
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Counter):
        return [_value(item, owner, depth) for item in sorted(value.elements())]
    if isinstance(value, (list, tuple)):
        return [_value(item, owner, depth) for item in value]
    if isinstance(value, dict):
        return {"dict": {str(k): _value(v, owner, depth + 1) for k, v in value.items()}}
    if is_scheduler(value):
        return {"scheduler": _one(value, depth + 1)}
    if isinstance(value, type) or not callable(value):
        return {"object": type(value).__name__}
    name = getattr(value, "__name__", "")
    if _is_own(value, name, owner) and not _is_users(value, owner):
        return {"method": name}
    return {"function": functions.describe(value)}


def _is_own(value: Any, name: str, owner: Any) -> bool:
    """Return whether *value* is the method *name* of *owner*, bound or static."""
    plain = getattr(value, "__func__", None) if getattr(value, "__self__", None) is owner else value
    return isinstance(plain, types.FunctionType) and getattr(type(owner), name, None) is plain


def _is_users(method: Any, owner: Any) -> bool:
    """Return whether *method* is in the package of *owner*'s class, but a base class is not.

    That distinguishes a user's method from the framework's, whichever framework it is.
    """
    bases = type(owner).__mro__[:-1]
    own, *packages = (str(item.__module__).partition(".")[0] for item in (method, *bases))
    return own == packages[0] and any(package != own for package in packages)


def _options(group: Any) -> Dict[str, Any]:
    options: Mapping[str, Any] = group if isinstance(group, dict) else group.options
    numbers = {name: functions.number(value) for name, value in options.items() if name != "params"}
    return {name: number for name, number in numbers.items() if number is not None}
