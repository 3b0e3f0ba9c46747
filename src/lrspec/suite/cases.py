"""Cases: the recipes that a conformance run scenarios, each under a permanent id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lrspec import resources
from lrspec.scenario.builders import SCENARIOS
from lrspec.spec import recipe as recipes
from lrspec.spec.recipe import Recipe

#: The scenarios of a case that names none.
PLAIN = ("stepwise", "metrics", "jump", "groups")
#: The scenarios of a user's own recipe: what a training script does to it in good order.
OWN = (*PLAIN, "resume_state")


@dataclass(frozen=True)
class Case:
    """One recipe, what it shows, over how many steps it is driven and how.

    Without `steps` the recipe tells its horizons. A `representative` case stands for its schedule
    where time is short, and is in every scenario. `others` are recipes whose schedulers are built
    on the same optimizer and run in turn after it. `generated` are those that
    `conformance/write_cases.py` writes; `number` counts the cases of one file.
    A case that names a `backend` or a `argument_form` is asked of that one alone.
    """

    id: str
    description: str
    recipe: Recipe
    steps: tuple[int, ...] | None = None
    scenarios: tuple[str, ...] = PLAIN
    representative: bool = False
    others: tuple[Recipe, ...] = ()
    generated: bool = False
    number: int = 0
    backend: str | None = None
    argument_form: str | None = None


@cache
def cases() -> tuple[Case, ...]:
    """Return the suite's cases and the published recipes, in the order of their files."""
    root = resources.root()
    found: list[Case] = []
    for path in sorted((root / "conformance" / "cases").rglob("*.json")):
        generated = path.parent.name == "generated"
        document = resources.read_json(path)
        for number, entry in enumerate(document["cases"]):
            case = _from_entry(entry, number, generated=generated)
            found.append(replace(case, backend=document.get("backend")))
    published = sorted(path.stem for path in (root / "spec" / "recipes").glob("*.json"))
    return (*found, *map(_published, published))


def _from_entry(entry: Mapping[str, Any], number: int, *, generated: bool) -> Case:
    representative = entry.get("representative", False)
    scenarios = tuple(SCENARIOS) if representative else PLAIN
    return Case(
        id=entry["id"],
        description=entry["description"],
        recipe=recipes.from_dict(entry["recipe"]),
        steps=tuple(entry["steps"]) if "steps" in entry else None,
        scenarios=tuple(entry["scenarios"]) if "scenarios" in entry else scenarios,
        representative=representative,
        others=tuple(map(recipes.from_dict, entry.get("others", ()))),
        generated=generated,
        number=number,
        argument_form=entry.get("argument_form"),
    )


def _published(name: str) -> Case:
    recipe = recipes.load(name)
    about = recipe.about or {}
    steps = tuple(about["steps"]) if "steps" in about else None
    scenarios = ("stepwise", "metrics", "jump")
    return Case(f"recipes/{name}", about.get("title", name), recipe, steps, scenarios)


def case_of(source: str) -> Case:
    """Return a user's own recipe as a case."""
    return Case(source, "", recipes.load(source), scenarios=OWN, representative=True)
