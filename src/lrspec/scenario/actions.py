"""Actions: what a scenario does to a scheduler, step by step, and the meaning of each verb.

A worker follows actions as JSON pairs, `["updates", 5]`; `VERBS` is the one list of the verbs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal, NamedTuple


@dataclass(frozen=True)
class Verb:
    """What one verb does, and how many rates and steps its argument gives.

    `rates` returns the number of recorded rates, `steps` the number of scheduler steps, and `cut`
    the argument that records only the first n rates. `effect` is whether the verb only advances the
    scheduler, also reads it, or disturbs the run. `updates` is whether an optimizer update uses
    each recorded rate.
    """

    words: str
    effect: Literal["advances", "reads", "disturbs"] = "disturbs"
    rates: Callable[[Any], int] = lambda _: 0
    steps: Callable[[Any], int] = lambda _: 0
    cut: Callable[[Any, int], Any] = lambda argument, _: argument
    updates: bool = False


def _counted(words: str, effect: Literal["advances", "reads"], *, updates: bool = True) -> Verb:
    """Return a verb whose argument is a number of rates, each followed by one step."""
    return Verb(words, effect, int, int, min, updates)


#: Every verb that a scenario may use; a worker gets no others.
VERBS = {
    "updates": _counted("n times: an optimizer update, then `scheduler.step()`", "advances"),
    "metrics": Verb(
        "for each metric m of a list: an optimizer update, then `scheduler.step(m)`; null is NaN",
        "advances",
        rates=len,
        steps=len,
        cut=lambda metrics, rates: metrics[:rates],
        updates=True,
    ),
    "steps": Verb(
        "[n, stride], n times: `scheduler.step()` alone, every `stride`-th rate recorded",
        "advances",
        rates=lambda run: math.ceil(run[0] / run[1]),
        steps=lambda run: int(run[0]),
        cut=lambda run, rates: (min(run[0], max((rates - 1) * run[1] + 1, 0)), run[1]),
    ),
    "read": _counted(
        "as `updates`, but first the rate is read twice in every possible way", "reads"
    ),
    "get_lr": _counted(
        "n times: the result of `get_lr()` is recorded, then `scheduler.step()`",
        "reads",
        updates=False,
    ),
    "together": Verb(
        "[n, j], n times: an optimizer update, then a step of each of the j schedulers in turn",
        rates=lambda run: int(run[0]),
        steps=math.prod,
        cut=lambda run, rates: (min(run[0], rates), run[1]),
        updates=True,
    ),
    "jump": Verb("`scheduler.step(t)`, where t may be a fraction", steps=lambda _: 1),
    "resume": Verb("save, rebuild and load, in one of the orders of the scenario `resume_state`"),
    "resume_index": Verb("rebuild with an index and the old parameter groups"),
    "multiply": Verb("multiply the rate of every group, from outside"),
    "set": Verb("set the rate of every group, from outside"),
    "rebuild": Verb("build a second scheduler on the used optimizer"),
    "use": Verb("step the j-th of the schedulers built at the start from now on"),
    "add_group": Verb("add a parameter group with its own rate"),
}


class Action(NamedTuple):
    """One verb with its argument."""

    verb: str
    argument: Any = None

    @property
    def rates(self) -> int:
        """How many rates are recorded."""
        return VERBS[self.verb].rates(self.argument)

    @property
    def updates(self) -> int:
        """How many of the recorded rates an optimizer update uses."""
        return self.rates if VERBS[self.verb].updates else 0

    @property
    def steps(self) -> int:
        """How many steps of a scheduler are made."""
        return VERBS[self.verb].steps(self.argument)

    @property
    def advances(self) -> bool:
        """Whether the scheduler is advanced, and nothing else is done."""
        return VERBS[self.verb].effect == "advances"

    @property
    def disturbs(self) -> bool:
        """Whether the run does something else than to advance or read its scheduler."""
        return VERBS[self.verb].effect == "disturbs"

    def cut(self, rates: int) -> Action:
        """Return the action up to its first *rates* rates."""
        return Action(self.verb, VERBS[self.verb].cut(self.argument, rates))

    def to_json(self) -> list[Any]:
        """Return the pair that is sent to a worker, with null for NaN, which JSON does not have."""
        if isinstance(self.argument, tuple):
            return [self.verb, [None if item != item else item for item in self.argument]]
        return [self.verb, self.argument]


def sampled(t: Sequence[int]) -> tuple[Action, ...]:
    """Return steps of the scheduler alone that record the rates of *t*: 0, and ascending steps."""
    gaps = groupby(after - before for before, after in pairwise([*t, t[-1] + 1]))
    lengths = [(gap, len([*same])) for gap, same in gaps]
    return tuple(Action("steps", (gap * rates, gap)) for gap, rates in lengths)


def cut(actions: tuple[Action, ...], rates: int) -> tuple[Action, ...]:
    """Return *actions* up to the last of the first *rates* rates that they record."""
    beginning: list[Action] = []
    for action in actions:
        if rates <= 0:
            break
        beginning.append(action.cut(rates))
        rates -= beginning[-1].rates
    return tuple(beginning)
