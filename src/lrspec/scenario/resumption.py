"""A composition after a resume in which its members lose their own steps."""

from __future__ import annotations

from typing import Any

from lrspec.engine.recursive_form import Recurrence, part_recurrence, recurrence, scalar_forms
from lrspec.engine.timeline import timeline
from lrspec.spec.recipe import Recipe


def forgetful(recipe: Recipe, *, stepped: bool) -> Recurrence:
    """Return the recurrence of a resumed sequence whose members have lost their own steps.

    Until a member is entered at its milestone it counts from step 0; with *stepped* from 1.
    """
    line = timeline(recipe)
    if line.kind != "segments":
        return recurrence(recipe)
    entered = [part_recurrence(recipe, part) for part in line.parts]
    resumed = list(entered)
    for index, part in enumerate(line.parts if stepped else ()):
        source = recipe if part.own else part.member
        resumed[index] = (source and scalar_forms(source)[1]) or entered[index]
    steps = [0, *[-1] * (len(line.parts) - 1)]

    def following(prev: Any, t: Any, base: Any) -> Any:
        index = line.index_at(t)
        if t == line.parts[index].start:
            steps[index] = 0
            return entered[index](base, 0, base)
        steps[index] += 1
        return resumed[index](prev, steps[index], base)

    return following
