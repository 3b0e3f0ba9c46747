"""Which of the numbered rules of the specification apply to a step of a recipe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.engine.landmarks import own_landmarks
from lrspec.engine.timeline import timeline
from lrspec.spec.formula.compiler import value
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import schedules

_RANGES = {"before", "past", "early", "late"}  # every other place is a single step


@dataclass(frozen=True)
class Rule:
    """A numbered rule of one schedule, or of one scenario."""

    of: str
    id: str
    text: str

    @property
    def name(self) -> str:
        """The schedule and the rule's number: `linear R2`."""
        return f"{self.of} {self.id}"


def rule(name: str) -> Rule:
    """Return the rule of a schedule by its *name*, `linear R2`; raises `KeyError` if unknown."""
    kind, _, number = name.partition(" ")
    texts = {entry["id"]: entry["text"] for entry in schedules()[kind].document["rules"]}
    return Rule(kind, number, texts[number])


def rules_at(recipe: Recipe, t: float) -> tuple[Rule, ...]:
    """Return the rules that apply to step *t*, those of a single step before those of a range.

    In a composition the rules of the member that sets the rate are included, at its own step. Rules
    of every step come last, and only if no other rule of the same schedule applies.
    """
    single, ranged, general = _own_rules(recipe, t)
    part = timeline(recipe).part_at(t)
    if part is None or part.member is None:
        return tuple(single + ranged) or tuple(general)
    inner = rules_at(part.member, part.local(t))
    return tuple(single) + inner if single else inner + tuple(ranged or general)


def momentum_rules(recipe: Recipe) -> tuple[Rule, ...]:
    """Return the rules about the momentum."""
    entries = recipe.schedule.document["rules"]
    return tuple(_rule(recipe, entry) for entry in entries if entry.get("of") == "momentum")


def _rule(recipe: Recipe, entry: Mapping[str, Any]) -> Rule:
    return Rule(recipe.kind, entry["id"], entry["text"])


def _own_rules(recipe: Recipe, t: float) -> tuple[list[Rule], list[Rule], list[Rule]]:
    """Return the recipe's own rules of the single step *t*, of a range with it, of every step."""
    places = _places(recipe, t)
    single: list[Rule] = []
    ranged: list[Rule] = []
    general: list[Rule] = []
    for entry in recipe.schedule.document["rules"]:
        required = [set(place.split(" and ")) for place in entry.get("at", ())]
        matching = [place for place in required if place <= places]
        if not _applies(entry, recipe) or (required and not matching):
            continue
        of_one_step = any(not place & _RANGES for place in matching)
        rules = general if not required else single if of_one_step else ranged
        rules.append(_rule(recipe, entry))
    return single, ranged, general


def _applies(entry: Mapping[str, Any], recipe: Recipe) -> bool:
    flags = recipe.values(1.0)
    return (
        "of" not in entry
        and all(name in recipe.given for name in entry.get("given", ()))
        and not any(name in recipe.given for name in entry.get("absent", ()))
        and ("when" not in entry or bool(flags[entry["when"]]))
        and ("unless" not in entry or not flags[entry["unless"]])
    )


def _places(recipe: Recipe, t: float) -> set[str]:
    """Return what step *t* is: start, end, a landmark, or a step before, past, early or late."""
    marks = dict(own_landmarks(recipe, math.ceil(t) + 1))
    places = {name for name, steps in marks.items() if t in steps}
    if not any(step <= t for steps in marks.values() for step in steps):
        places.add("early")
    elif not places:
        places.add("late")
    if t == 0:
        places.add("start")
    if recipe.schedule.end is not None:
        end = math.ceil(value(recipe.schedule.end, {**recipe.values(1.0), "base_lr": 1.0}))
        places.add("end" if t == end else "before" if t < end else "past")
    return places
