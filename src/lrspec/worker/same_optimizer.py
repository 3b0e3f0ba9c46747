"""Schedulers that share an optimizer: what several do together, and which others there are.

Runs in the process of the schedulers, the framework's interpreter or the user's: standard library
only, Python 3.8 syntax. A description of `describe.py` gets two more keys:

    others       the other schedulers on the same optimizer: the name of the class, with that of the
                 variable if it has one, and whether it reads a metric
    overwriting  of several schedulers, the index of the last that sets the rate whatever it was
                 before; 0 if each continues from the rate that it finds
"""

import contextlib
import gc
import sys
from typing import Any, Dict, Iterator, List, Mapping, Sequence

from .copies import copied, is_scheduler, reads_metric
from .describe import describe


class Together:
    """Schedulers that a training loop steps one after another, as one scheduler.

    Raises `ValueError` if they are not on one optimizer.
    """

    def __init__(self, schedulers: Sequence[Any]) -> None:
        self._schedulers = list(schedulers)
        self.optimizer = getattr(schedulers[0], "optimizer", None)
        shared = all(getattr(one, "optimizer", None) is self.optimizer for one in schedulers)
        if self.optimizer is None or not shared:
            raise ValueError("a list of schedulers that are not on one optimizer")

    def step(self, *metrics: float) -> None:
        """Step each scheduler, with the metric if it reads one."""
        for one in self._schedulers:
            one.step(*(metrics if reads_metric(one) else ()))

    def state_dict(self) -> Dict[str, Any]:
        """Return nothing: a training loop saves each scheduler."""
        return {}


@contextlib.contextmanager
def constructed() -> Iterator[List[Any]]:
    """Yield a list that keeps each scheduler whose constructor runs.

    A function may build several on one optimizer and return one: nothing else refers to the others.
    """
    kept: List[Any] = []

    def note(frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_name == "__init__" and code.co_argcount:
            built = frame.f_locals.get(code.co_varnames[0])
            if hasattr(type(built), "step") and hasattr(type(built), "state_dict"):
                kept.append(built)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield kept
    finally:
        sys.setprofile(before)


def is_list(value: Any) -> bool:
    """Return whether *value* is a list of schedulers, one or more."""
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(map(is_scheduler, value))


def describe_all(value: Any, trusted: Sequence[str], names: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the description of a scheduler or of a list of them; *names* are a file's variables.

    Raises `ValueError` for a list of schedulers that are not on one optimizer.
    """
    several = list(value) if isinstance(value, (list, tuple)) else [value]
    scheduler = Together(several) if len(several) > 1 else several[0]
    own = __name__.partition(".")[0]
    description = describe(scheduler, [*trusted, own])
    description["others"] = others(scheduler, names)
    if isinstance(scheduler, Together):
        description["overwriting"] = overwriting(scheduler)
    return description


def overwriting(together: Together) -> int:
    """Return the index of the last scheduler that ignores the rate that it finds, else 0."""
    last = 0
    for index, one in enumerate(together._schedulers):
        results = []
        for factor in (1.0, 0.5):
            with contextlib.suppress(Exception):
                copy = copied(together)
                for group in copy.optimizer.param_groups:
                    group["lr"] = group["lr"] * factor
                copy._schedulers[index].step(*([1.0] if reads_metric(one) else []))
                results.append([float(group["lr"]) for group in copy.optimizer.param_groups])
        if len(results) == 2 and results[0] == results[1] and any(results[0]):
            last = index
    return last


def others(scheduler: Any, names: Mapping[str, Any]) -> List[List[Any]]:
    """Return the names of the other schedulers on the optimizer of *scheduler*.

    Those that it is composed of are not among them.
    """
    optimizer = getattr(scheduler, "optimizer", None)
    own = {id(one) for one in _inside(scheduler)}
    if not any(id(one) not in own for one in _on(optimizer)):
        return []
    gc.collect()  # some of them may be garbage
    variables = {id(value): name for name, value in names.items()}
    found = [one for one in _on(optimizer) if id(one) not in own]
    labels = [(type(one).__name__, variables.get(id(one)), reads_metric(one)) for one in found]
    return sorted([f"{kind} ({name})" if name else kind, metric] for kind, name, metric in labels)


def _inside(scheduler: Any) -> Iterator[Any]:
    """Yield *scheduler* and the schedulers that it is composed of."""
    yield scheduler
    for value in list(vars(scheduler).values()):
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if is_scheduler(item):
                yield from _inside(item)


def _on(optimizer: Any) -> List[Any]:
    """Return the schedulers that have *optimizer* as an attribute of that name."""
    if optimizer is None:
        return []
    holders = gc.get_referrers(optimizer)  # an object, or the dictionary of its attributes
    for holder in [one for one in holders if isinstance(one, dict)]:
        holders += gc.get_referrers(holder)
    found = {id(one): one for one in holders if is_scheduler(one)}.values()
    return [one for one in found if vars(one).get("optimizer") is optimizer]
