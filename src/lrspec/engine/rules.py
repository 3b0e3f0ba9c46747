"""Which of the numbered rules of a specification speak of one step of a recipe."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import schedules

#: Places that are stretches; every other is a single step.
STRETCHES = ("before", "past", "early", "late")


@dataclass(frozen=True)
class Rule:
    """A numbered rule of one schedule, or of one scenario."""

    of: str
    id: str
    text: str

    @property
    def name(self) -> str:
        """What the rule is called: `linear R2`."""
        return f"{self.of} {self.id}"


def rule(name: str) -> Rule:
    """Return the schedule's rule called *name*, as `linear R2`; raises `KeyError` for no rule."""
    kind, _, number = name.partition(" ")
    texts = {entry["id"]: entry["text"] for entry in schedules()[kind].document["rules"]}
    return Rule(kind, number, texts[number])


def rules_at(recipe: Recipe, t: float) -> tuple[Rule, ...]:
    """Return the rules that speak of step *t*, those of the single step before those of a stretch.

    In a composition the member whose step it is has its say, at its own step; last come the rules
    that speak of every step, and only where no other does.
    """
    here, around, everywhere = _told(recipe, t)
    member = _member(recipe, t)
    if member is None:
        return tuple(here + around) or tuple(everywhere)
    inner = rules_at(*member)
    return tuple(here) + inner if here else inner + tuple(around or everywhere)


def momentum_rules(recipe: Recipe) -> tuple[Rule, ...]:
    """Return the rules that speak of the momentum."""
    entries = recipe.schedule.document["rules"]
    return tuple(
        Rule(recipe.kind, entry["id"], entry["text"])
        for entry in entries
        if entry.get("of") == "momentum"
    )


def _told(recipe: Recipe, t: float) -> tuple[list[Rule], list[Rule], list[Rule]]:
    """Return the recipe's own rules for the step, for the stretch around it, and for every step."""
    places = _places(recipe, t)
    found: tuple[list[Rule], list[Rule], list[Rule]] = ([], [], [])
    for entry in recipe.schedule.document["rules"]:
        if not _counts(entry, recipe):
            continue
        told = Rule(recipe.kind, entry["id"], entry["text"])
        wanted = [set(place.split(" and ")) for place in entry.get("at", ())]
        met = [place for place in wanted if place <= places]
        if not wanted:
            found[2].append(told)
        elif any(not place & {*STRETCHES} for place in met):
            found[0].append(told)
        elif met:
            found[1].append(told)
    return found


def _counts(entry: Mapping[str, Any], recipe: Recipe) -> bool:
    """Tell whether a rule is about the rates of such a recipe."""
    flags = recipe.values(1.0)
    return (
        "of" not in entry
        and all(name in recipe.given for name in entry.get("given", ()))
        and not any(name in recipe.given for name in entry.get("absent", ()))
        and ("when" not in entry or bool(flags[entry["when"]]))
        and ("unless" not in entry or not flags[entry["unless"]])
    )


def _places(recipe: Recipe, t: float) -> set[str]:
    """Return what the step *t* is: start, end, one of the landmarks, and where it lies to them."""
    values = {**recipe.values(1.0), "base_lr": 1.0, "horizon": math.ceil(t) + 1}
    marks = dict(_marks(recipe, values))
    places = {name for name, steps in marks.items() if t in steps}
    known = sorted(step for steps in marks.values() for step in steps)
    if bisect.bisect_right(known, t) == 0:
        places.add("early")
    elif not places:
        places.add("late")
    if t == 0:
        places.add("start")
    if recipe.schedule.end is not None:
        end = math.ceil(value(recipe.schedule.end, values))
        places.add("end" if t == end else "before" if t < end else "past")
    return places


def _marks(recipe: Recipe, values: Mapping[str, Any]) -> Iterator[tuple[str, set[int]]]:
    for name, formula in recipe.schedule.landmarks.items():
        steps = value(formula, values)
        yield name, {math.ceil(s) for s in (steps if isinstance(steps, (list, tuple)) else [steps])}


def _member(recipe: Recipe, t: float) -> tuple[Recipe, float] | None:
    """Return the member of a composition in time whose step it is, and its own step."""
    starts, members = recipe.starts(), recipe.members()
    if (recipe.schedule.composition or {}).get("operator") == "held":
        return members[0], t // recipe.held()
    if not starts or not members:
        return None
    index = bisect.bisect_right(starts, t) - 1
    offset = len(starts) - len(members)  # a warmup is its own first member
    if index < offset:
        return None
    local = recipe.values(1.0).get("time", "local") == "local"
    return members[index - offset], t - starts[index] if local else t
