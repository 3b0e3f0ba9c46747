"""A user's own `get_lr` as plain JSON: its source, and its values at chosen steps.

Runs in the process of the scheduler: standard library only, Python 3.8 syntax.

    rule      `get_lr` as `functions.py` describes it, without values
    step      the name of the step in it: an attribute, or its second argument
    bases     the base rates, one per parameter group
    values    for each group, pairs of a step and the rate there, null where it raises
"""

from typing import Any, Callable, Dict, Optional

from . import functions

#: The attributes that hold a scheduler's step, and those that hold its base rates.
_STEPS = ("last_epoch", "last_step")
_BASES = ("base_lrs", "base_lr")


def describe(scheduler: Any, copied: Callable[[Any], Any]) -> Optional[Dict[str, Any]]:
    """Return the `get_lr` of *scheduler* if it is not in its framework's package, else None.

    *copied* copies a scheduler: `get_lr` is called on copies.
    """
    bases = [base for base in type(scheduler).__mro__ if base is not object]
    defining = next((base for base in bases if "get_lr" in vars(base)), None)
    if defining is None or _package(defining) == _package(bases[-1]):
        return None
    step = next((name for name in _STEPS if hasattr(scheduler, name)), "")
    base = next((name for name in _BASES if hasattr(scheduler, name)), "")
    rates = getattr(scheduler, base, None)
    rates = rates if isinstance(rates, (list, tuple)) else [rates]
    numbers = [functions.number(rate) for rate in rates]
    if not step or not all(isinstance(number, (int, float)) for number in numbers):
        return None
    rule = functions.describe(scheduler.get_lr, depth=1)
    points = sorted(functions.numbers(rule))
    values = [
        functions.values(_rate(scheduler, copied, step, group), points)
        for group in range(len(numbers))
    ]
    return {"rule": rule, "step": step, "bases": numbers, "values": values}


def _rate(
    scheduler: Any, copied: Callable[[Any], Any], step: str, group: int
) -> Callable[[int], Any]:
    other = copied(scheduler)

    def rate(t: int) -> Any:
        setattr(other, step, t)
        if type(other).get_lr.__code__.co_argcount == 3:  # of one group, from its base rate
            return other.get_lr(other.base_lrs[group], t)
        rates = other.get_lr()
        return rates[group] if isinstance(rates, (list, tuple)) else rates

    return rate


def _package(kind: type) -> str:
    return kind.__module__.partition(".")[0]
