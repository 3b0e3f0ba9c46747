"""Compositions whose members are begun, entered or carried on otherwise than specified.

Each difference is a switch; the fewest that predict what was seen are the explanation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from lrspec.engine.closed_form import Rates, below
from lrspec.engine.recursive_form import Recurrence, scalar_forms
from lrspec.engine.timeline import timeline
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.simulation import simulate_recurrence
from lrspec.spec.recipe import Recipe
from lrspec.verdict.compare import fit
from lrspec.verdict.evidence import Evidence, Prediction
from lrspec.verdict.hypotheses.form import CHAINED
from lrspec.verdict.hypotheses.resume import EARLY, forgetful, restored
from lrspec.verdict.hypotheses.tail import other_tail, unheld

_MOST = 3  # switches at a time
_SENTENCES = {
    "restated": "{} restates its rate at every step, whatever the members beside it made of it.",
    "stepped": "{} is begun by a step, not by its first rate.",
    "from before": "{} goes on from the rate before its milestone, not from the base rate.",
    "early": "{}, a composition within a composition, counts one step ahead of its first member.",
    "run on": "{} runs on past its end by the formula that led to it.",
    "late": "{} is one step late.",
    "held": "{} is one step late, and uses its first rate twice.",
    "ahead": "{} is one step early.",
    "base": "{} makes its own first rate the base rate of every member.",
}
_KINDS = {
    "restated": "recursive form",
    "stepped": "a step too many in a member",
    "from before": "not begun from the base rate",
    "early": "milestone one step early in a member",
    "run on": "other tail",
    "late": "shifted by -1 in a member",
    "held": "shifted by -1 in a member",
    "ahead": "shifted by +1 in a member",
    "base": "another base rate",
}
#: Of these one is enough: members that are off each in its own way would explain anything.
_OFF = ("late", "held", "ahead")
#: The scenarios whose rows no walk follows: from step to step, or of groups that come later.
_ELSEWHERE = ("jump", "late_group")
_LONGEST = 2000  # steps; what begins otherwise is not walked on
Switch = tuple[str, str]


def otherwise(evidence: Evidence) -> Iterator[Prediction]:
    """Return the fewest switches whose walk is what was seen."""
    scenario = evidence.scenario
    if scenario.recipe.schedule.composition is None or scenario.id.name in _ELSEWHERE:
        return
    switches = list(_switches(scenario.recipe))
    cases = [(case, *_told(evidence, case, lost)) for case, *lost in _resumes(scenario)]
    for count in range(1, _MOST + 1):
        for chosen in combinations(switches, count):
            if sum(switch in _OFF for switch, _ in chosen) > 1:
                continue
            for case, before, said in cases:
                prediction = _nearest(evidence, case, frozenset(chosen))
                if prediction is None:
                    continue
                nearer = replace(evidence, expected=prediction)
                told = [*said, *(_SENTENCES[switch].format(kind) for switch, kind in chosen)]
                own = (_KINDS[switch] for switch, _ in chosen)
                kinds = list(dict.fromkeys([*before, *own]))
                sentence = f"{' '.join(told)} {evidence.seen}"
                yield Prediction(", ".join(kinds), sentence, prediction)
                yield from _with_another_tail(nearer, kinds, sentence)


def _resumes(scenario: Scenario) -> Iterator[tuple[Scenario, str, str]]:
    """Return the scenario as it may be taken, with the kind and the sentence of what it loses."""
    if scenario.id.name == "resume_state":
        yield restored(scenario), "", ""
        yield (
            forgetful(scenario),
            "state not restored",
            "The rate of the optimizer is not restored.",
        )
    elif scenario.index:
        yield scenario, "resumed one step early", f"{EARLY}."
    else:
        yield scenario, "", ""


def _told(evidence: Evidence, case: Scenario, lost: list[str]) -> tuple[list[str], list[str]]:
    """Return the kinds and the sentences of what differs before any switch is thrown."""
    kind, sentence = lost
    kinds, sentences = ([kind], [sentence]) if kind else ([], [])
    if not evidence.scenario.id.expects_forms and not kind:
        plain = _walked(_begun(case), frozenset())[: len(evidence.observed)]
        expected = evidence.expected[: len(plain)]
        if not fit(plain, expected, evidence.tolerance)[0]:
            return [], [CHAINED]
    return kinds, sentences


def _with_another_tail(nearer: Evidence, kinds: list[str], sentence: str) -> Iterator[Prediction]:
    if not np.isfinite(nearer.difference.max_abs):
        return
    for tail in other_tail(nearer):
        kind = ", ".join([*kinds, tail.kind])
        yield Prediction(kind, f"{sentence} {tail.sentence}", tail.rates)


def _switches(recipe: Recipe) -> Iterator[Switch]:
    for leaf in _leaves(recipe):
        following = scalar_forms(leaf)[1]
        if following is not None:
            yield "restated", leaf.kind
            yield "stepped", leaf.kind
            yield "from before", leaf.kind
        for off in _OFF:
            yield off, leaf.kind
        if leaf.schedule.document["end"]["then"] == "hold":
            yield "run on", leaf.kind
        if not leaf.schedule.reads_base_lr:
            yield "base", leaf.kind
    for member in recipe.members():
        if member.schedule.composition is not None:
            yield "early", member.kind


def _leaves(recipe: Recipe) -> list[Recipe]:
    """Return the recipes that are no compositions, one a kind."""
    found: dict[str, Recipe] = {}
    waiting = [recipe]
    while waiting:
        one = waiting.pop(0)
        if one.schedule.composition is None:
            found.setdefault(one.kind, one)
        waiting.extend(one.members())
    return list(found.values())


def _nearest(evidence: Evidence, case: Scenario, chosen: frozenset[Switch]) -> Rates | None:
    """Return the walk of *chosen*; None if it has no rates, or begins otherwise than a long run."""
    rows = len(evidence.observed)
    begun = _walked(_begun(case), chosen)[:rows]
    if not np.isfinite(begun).all():
        return None
    if len(begun) == rows:
        return begun
    fits = fit(begun, evidence.observed[: len(begun)], evidence.tolerance)[0]
    return _walked(case, chosen)[:rows] if fits else None


def _walked(scenario: Scenario, chosen: frozenset[Switch]) -> Rates:
    return simulate_recurrence(scenario, lambda recipe: _walk(recipe, chosen))


@lru_cache(maxsize=256)
def _begun(scenario: Scenario) -> Scenario:
    """Return the beginning of a run in which nothing happens; of another, all of it."""
    if not scenario.stepwise or scenario.id.name == "metrics":
        return scenario
    beginnings = (
        action.cut(math.ceil(action.rates * _LONGEST / max(action.steps, 1)))
        for action in scenario.actions
    )
    return replace(scenario, actions=tuple(beginnings))


def _walk(recipe: Recipe, chosen: frozenset[Switch]) -> Recurrence:
    members: dict[float, tuple[_Member, float]] = {}

    def walk(prev: Any, t: Any, own: Any) -> Any:
        if own not in members:
            members[own] = _Member(recipe, chosen, own), _base(recipe, chosen, own)
        member, base = members[own]
        return member.walk(base if t == 0 and prev == own else prev, int(t), base)

    return walk


def _base(recipe: Recipe, chosen: frozenset[Switch], own: float) -> float:
    """Return the base rate of every member where the optimizer was given *own*."""
    for leaf in _leaves(recipe):
        if ("base", leaf.kind) in chosen:
            return float(scalar_forms(leaf)[0](0, own))
    return own


@dataclass
class _Member:
    """One member with its switches, as a walk over the running rate."""

    recipe: Recipe
    chosen: frozenset[Switch]
    given_base: float

    def __post_init__(self) -> None:
        self.line = timeline(self.recipe)
        self.members = [
            _Member(part.member, self.chosen, self.given_base) if part.member else None
            for part in self.line.parts
        ]
        self.forms = scalar_forms(self.recipe)

    def has(self, switch: str) -> bool:
        """Tell whether *switch* is thrown for this kind."""
        return (switch, self.recipe.kind) in self.chosen

    def walk(self, prev: Any, t: int, base: Any, *, entered: bool = False, ahead: int = 0) -> Any:
        """Return the rate of the own step *t*; *entered* at a milestone, not with the run.

        A composition that counts *ahead* comes to its milestones so much earlier.
        """
        if self.line.kind == "leaf":
            return self.leaf(prev, t, base, entered=entered)
        if self.line.kind != "segments":
            for member in self.members:
                prev = member.walk(prev, t, base) if member else prev
            return prev
        index = self.line.index_at(t + ahead)
        part, member = self.line.parts[index], self.members[index]
        own = t + ahead - part.start if index else t
        if part.own:
            return self.warmup(prev, own, base)
        if member is None:
            return base
        early = int(member.has("early") and index == 0)
        return member.walk(prev, own, base, entered=own == 0 and index > 0, ahead=early)

    def warmup(self, prev: Any, t: int, base: Any) -> Any:
        """Return the rate of a warmup's own part, its rates in proportion to the base rate."""
        closed, following = self.forms
        if t == 0 or following is None:
            return closed(t, self.given_base) * (base / self.given_base)
        return following(prev, t, self.given_base)

    def leaf(self, prev: Any, t: int, base: Any, *, entered: bool) -> Any:
        """Return the rate of a member that is no composition."""
        closed, following = self.forms
        t, rate = self.own_step(prev, t, base, entered=entered)
        if rate is not None:
            return rate
        if self.has("run on"):
            return float(unheld(self.recipe, base, np.array([float(t)]))[0])
        if following is None or self.has("restated"):
            return closed(t, base)
        if t == 0 and entered:
            return following(prev, 0, base) if self.has("from before") else closed(0, base)
        if t == 0:
            first = closed(0, prev)
            return following(first, 0, base) if self.has("stepped") else first
        return following(prev, t, base)

    def own_step(self, prev: Any, t: int, base: Any, *, entered: bool) -> tuple[int, Any]:
        """Return the step that a member takes *t* for, and its rate where that is not walked to."""
        closed, following = self.forms
        if self.has("ahead"):
            return t + 1, closed(1, base if entered else prev) if t == 0 else None
        if self.has("late") and t == 0:
            early = np.array([-1.0])
            return -1, float(below(self.recipe.with_base(base), early)[0, 0])
        if self.has("late"):
            return t - 1, closed(0, base) if t == 1 else None
        if self.has("held"):
            return max(t - 1, 0), prev if t == 1 and following is not None else None
        return t, None
