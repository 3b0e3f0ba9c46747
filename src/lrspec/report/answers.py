"""Framework against framework: what bites where a schedule moves from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lrspec.dialect.dialect import departures
from lrspec.report.sides import SITUATIONS, Outcome, Side, Subject
from lrspec.spec.tolerance import Tolerance, tolerance_of
from lrspec.verdict.compare import compare, largest_rate


@dataclass(frozen=True)
class Bite:
    """One difference between two sides.

    `first` is the step of the first update that differs, of `count`; `size` is the largest error
    relative to the peak of the first side, None where the other side ends early. `arguments` are
    those that are left out.
    """

    situation: str
    scenario: str
    first: float
    size: float | None
    count: int
    causes: tuple[str, ...]
    error: str = ""
    arguments: tuple[str, ...] = ()


def bites(subject: Subject, source: Side, target: Side) -> list[Bite]:
    """Return how *target* differs from *source*, at most one difference per situation.

    The target's default arguments count as a situation of their own, `defaults`, where they change
    an ordinary run that is otherwise the same.
    """
    precision = min(source.precision, target.precision)  # float32 if either is
    tolerance, largest = tolerance_of(precision), largest_rate(subject.recipe)
    found: dict[str, Bite] = {}
    for situation, outcomes in source.outcomes.items():
        others = {outcome.scenario: outcome for outcome in target.outcomes.get(situation, ())}
        pairs = ((one, others[one.scenario]) for one in outcomes if one.scenario in others)
        made = [_bite(situation, *pair, tolerance, largest) for pair in pairs]
        differing = [bite for bite in made if bite is not None]
        if differing:  # the worst run of each situation
            found[situation] = max(differing, key=_weight)
    once = source.outcomes.get("once", ())
    if target.by_default is not None and once and "once" not in found:
        by_default = target.by_default.until(len(once[0].t))
        bite = _bite("defaults", once[0], by_default, tolerance, largest)
        if bite is not None:
            found["defaults"] = replace(bite, arguments=target.omitted)
    order = dict.fromkeys(["once", "defaults", *SITUATIONS])
    return [found[name] for name in order if name in found]


def _weight(bite: Bite) -> tuple[bool, float]:
    return bool(bite.error), bite.size or 0.0


def _bite(
    situation: str, source: Outcome, target: Outcome, tolerance: Tolerance, largest: float
) -> Bite | None:
    """Return the difference of two runs in one scenario, None if there is none."""
    rows = min(len(source.rates), len(target.rates))
    columns = min(source.rates.shape[1], target.rates.shape[1])
    a, b = source.rates[:rows, :columns], target.rates[:rows, :columns]
    with np.errstate(all="ignore"):
        difference = compare(a, b, tolerance, largest)
    row = difference.first
    ends = bool(target.error) and len(target.rates) < len(source.rates)
    if row is None and not ends:
        return None
    error = target.error if ends else ""
    row = rows if row is None else row
    step = source.t[row] if row < len(source.t) else row
    taken = (
        name
        for of in (target, source)
        for name in departures()  # the most specific first
        if of.departures.get(name, row + 1) <= row
    )
    causes = tuple(dict.fromkeys(taken))
    if rows == 0 or difference.first is None:
        return Bite(situation, source.scenario, step, None, 0, causes, error)
    size = float(difference.max_rel) if np.isfinite(difference.max_rel) else None
    return Bite(situation, source.scenario, step, size, difference.count, causes, error)


def same(found: Sequence[Bite]) -> bool:
    """Return whether an ordinary run is the same if every argument is written out."""
    return not any(bite.situation == "once" for bite in found)
