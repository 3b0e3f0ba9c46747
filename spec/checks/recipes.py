"""The recipes that the checks use: those of the cases and of the anchors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases


@dataclass(frozen=True)
class Named:
    """A recipe with the id of its case or anchor; `example` is true for a schedule's example."""

    id: str
    recipe: Recipe
    example: bool = False


NAMED = [
    *(Named(case.id, case.recipe, case.representative) for case in cases()),
    *(
        Named(f"{kind}:{anchor['id']}", from_dict({"schedule": kind, **anchor["recipe"]}))
        for kind, schedule in schedules().items()
        for anchor in schedule.document["anchors"]
    ),
]

#: One test a schedule, which goes through its recipes and names the one that fails.
each_kind = pytest.mark.parametrize("kind", schedules())


def of_kind(kind: str, among: list[Named]) -> list[Named]:
    """Return those of *among* whose schedule is *kind*."""
    return [named for named in among if named.recipe.kind == kind]
