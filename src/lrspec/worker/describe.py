"""A live scheduler as plain JSON: its classes, what it holds, its groups, the rates ahead of it.

Runs where the scheduler lives, in the framework's own interpreter or in the user's: standard
library only, Python 3.8 syntax. The scheduler itself is never stepped; a copy of it is, which
shares with it whatever is neither a number nor a scheduler.

    class      its class, lineage that class and its bases, each with what it defines
    held       its attributes: numbers, strings, lists, and of the rest
               {"float": "inf"}, {"dict": …}, {"scheduler": …}, {"method": name of one of its own,
               which is no subclass's}, {"function": …} as `functions.py` says, {"object": class}
               for what is none of these
    replaced   attributes that stand in the place of one of its class's methods
    groups     of each parameter group, the options that are numbers
    metrics    what its copy is stepped with, if with anything
    ahead      the rates of that copy, from now on, a row a step
    raised     what the step after them raised, None where none did
"""

import contextlib
import copy
import inspect
import io
import time
import types
import warnings
from collections import Counter
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import functions

_AHEAD = 256
#: What decides a rate, or may do more than that.
_STEPS = ("step", "get_lr", "_get_closed_form_lr")
#: What a copy that learns from a metric is stepped with: it gets better, does not, and worse.
METRICS = [1.0, 0.9, 0.8] + [0.8] * 60 + [0.2] + [2.0] * 192
_SECONDS = 1.0
_DEEPEST = 20


def describe(scheduler: Any, trusted: Sequence[str]) -> Dict[str, Any]:
    """Return *scheduler* as a JSON object; what it prints on the way is not heard.

    *trusted* are the packages of the frameworks: of what else defines a step no copy is stepped.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = _one(scheduler, 0)
        optimizer = getattr(scheduler, "optimizer", None)
        found["groups"] = [_options(group) for group in getattr(optimizer, "param_groups", ())]
        found["metrics"] = METRICS if _takes_a_metric(scheduler) else []
        steps = _AHEAD if _is_safe(found, trusted) else 0
        steps = min(steps, len(METRICS))
        found["ahead"], found["raised"] = ahead(scheduler, steps, found["metrics"])
    return found


def _takes_a_metric(scheduler: Any) -> bool:
    names = list(inspect.signature(scheduler.step).parameters)
    return names[:1] in (["metric"], ["metrics"])


def _is_safe(found: Any, trusted: Sequence[str]) -> bool:
    """Tell whether a step of a copy does nothing but change its rates.

    Who knows what a `step` does that is no trusted module's, nor written beside a recipe.
    """
    if isinstance(found, list):
        return all(_is_safe(part, trusted) for part in found)
    if not isinstance(found, dict):
        return True
    own = [c for c in found.get("lineage", ()) if c["module"].partition(".")[0] not in trusted]
    if any(name in c["defines"] for c in own for name in _STEPS) and not claims(found):
        return False
    return all(_is_safe(part, trusted) for part in found.get("held", found).values())


def claims(found: Any) -> List[str]:
    """Return the docstrings in a description that claim a recipe."""
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    inner = [doc for part in parts for doc in claims(part)]
    doc = found.get("doc") if isinstance(found, dict) else None
    return [doc, *inner] if isinstance(doc, str) else inner


def _one(scheduler: Any, depth: int) -> Dict[str, Any]:
    if depth > _DEEPEST:
        raise ValueError("schedulers are nested without an end")
    lineage = [base for base in type(scheduler).__mro__ if base is not object]
    held = {k: v for k, v in vars(scheduler).items() if not is_optimizer(v)}
    return {
        "class": type(scheduler).__name__,
        "lineage": [
            {
                "module": base.__module__,
                "name": base.__qualname__,
                "doc": _claim(vars(base).get("__doc__")),
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


def _claim(doc: Any) -> Optional[str]:
    """Return a docstring that claims a recipe; any other says nothing."""
    return doc if isinstance(doc, str) and "Recipe:" in doc else None


def is_scheduler(value: Any) -> bool:
    """Tell whether *value* is stepped and has a state, and is no optimizer."""
    kind = type(value)
    stepped = hasattr(kind, "step") and hasattr(kind, "state_dict")
    return stepped and not is_optimizer(value) and not isinstance(value, type)


def is_optimizer(value: Any) -> bool:
    """Tell whether *value* holds parameter groups."""
    return hasattr(value, "param_groups") or hasattr(value, "_param_groups")


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
    if _is_own(value, name, owner) and not _is_a_subclass_s(value, owner):
        return {"method": name}
    return {"function": functions.describe(value)}


def _is_own(value: Any, name: str, owner: Any) -> bool:
    """Tell whether *value* is a method of *owner*, bound or static, under its own *name*."""
    plain = getattr(value, "__func__", None) if getattr(value, "__self__", None) is owner else value
    found = getattr(type(owner), name, None)
    return isinstance(plain, types.FunctionType) and found is plain


def _is_a_subclass_s(method: Any, owner: Any) -> bool:
    """Tell whether *method* comes with the package of *owner*'s class, and that of a base does not.

    So it tells a user's method from one of the framework's, whatever the framework is.
    """
    bases = type(owner).__mro__[:-1]
    own, *packages = (str(item.__module__).partition(".")[0] for item in (method, *bases))
    return own == packages[0] and any(package != own for package in packages)


def _options(group: Any) -> Dict[str, Any]:
    options: Mapping[str, Any] = group if isinstance(group, dict) else group.options
    found = {name: functions.number(value) for name, value in options.items() if name != "params"}
    return {name: value for name, value in found.items() if value is not None}


def rates(scheduler: Any) -> Optional[List[float]]:
    """Return the rates that *scheduler* has set, one a group, or None where it tells none."""
    groups = getattr(getattr(scheduler, "optimizer", None), "param_groups", None)
    if groups is not None:
        found = [functions.number(group["lr"]) for group in groups]
    else:
        found = [functions.number(getattr(scheduler, "last_lr", None))]
    plain = [rate for rate in found if isinstance(rate, (int, float))]
    return [float(rate) for rate in plain] if len(plain) == len(found) else None


def ahead(
    scheduler: Any, steps: int, metrics: List[float]
) -> Tuple[List[List[float]], Optional[str]]:
    """Return the rates of so many steps from now on, as a copy of *scheduler* uses them.

    It is stepped with each of *metrics*, if there are any. Ends with the first step that raises,
    and with the name of what that was; empty where there is no rate to be seen.
    """
    found: List[List[float]] = []
    until = time.monotonic() + _SECONDS
    with contextlib.suppress(Exception):
        copied = copy.deepcopy(scheduler, _shared(scheduler))
        for index in range(steps + 1):
            now = rates(copied)
            if now is None or time.monotonic() > until:
                break
            found.append(now)
            if index == steps:
                break
            try:
                copied.step(*metrics[index : index + 1])
            except Exception as error:
                return found, type(error).__name__
    return found, None


def _shared(scheduler: Any) -> Dict[int, Any]:
    """Return the memory of a deep copy that copies the scheduler's own state and nothing large."""
    memory: Dict[int, Any] = {}
    waiting = list(vars(scheduler).values())
    seen = {id(scheduler)}
    while waiting:
        value = waiting.pop()
        if id(value) not in seen:
            seen.add(id(value))
            inner = _copied(value)
            if inner is None:
                leads = is_optimizer(value)  # one that has no rates to copy is left out
                memory[id(value)] = None if leads else value
            else:
                waiting.extend(inner)
    return memory


def _copied(value: Any) -> Optional[List[Any]]:
    """Return the parts of *value*, which is to be copied, or None if it is to be shared."""
    if value is None or isinstance(value, str) or functions.number(value) is not None:
        return []
    if callable(value) and not is_scheduler(value):  # a function, but not a model
        return None if hasattr(value, "parameters") else []
    if isinstance(value, (list, tuple, set)):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if hasattr(value, "param_groups") or is_scheduler(value) or _is_group(value):
        return list(vars(value).values())
    return None


def _is_group(value: Any) -> bool:
    """Tell whether *value* is a parameter group that is no dict."""
    return hasattr(value, "options") and hasattr(value, "parameters")
