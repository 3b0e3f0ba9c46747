"""Cases: the recipes that a conformance run puts through scenarios, each under a permanent id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from lrspec import resources
from lrspec.errors import BadInput
from lrspec.json_input import read_document
from lrspec.scenario.builders import SCENARIOS
from lrspec.scenario.scenario_id import Selector
from lrspec.spec import recipe as recipes
from lrspec.spec.recipe import Recipe

#: The scenarios of a case that names none.
PLAIN = tuple(map(Selector, ("stepwise", "metrics", "jump", "groups")))
#: The scenarios of a user's own recipe: what a correct training script does.
OWN = (*PLAIN, Selector("resume_state"))
_PUBLISHED = tuple(map(Selector, ("stepwise", "metrics", "jump")))
_ALL = tuple(map(Selector, SCENARIOS))
_Steps = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True)
class Case:
    """One recipe, the steps it is run for and the scenarios that it is run in.

    Without `steps` the recipe's own horizons are used. A `representative` case stands for its
    schedule where time is short, and is run in every scenario. `others` are recipes whose
    schedulers are built on the same optimizer and run in turn after it. `generated` are those that
    `conformance/write_cases.py` writes; `number` counts the cases of one file.
    A case that names a `backend` or an `argument_form` is run in that one alone. `own` marks a
    user's own recipe.
    """

    id: str
    description: str
    recipe: Recipe
    steps: tuple[int, ...] | None = None
    scenarios: tuple[Selector, ...] = PLAIN
    representative: bool = False
    others: tuple[Recipe, ...] = ()
    generated: bool = False
    number: int = 0
    backend: str | None = None
    argument_form: str | None = None
    own: bool = False


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case as its file has it."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z_]+/[a-z0-9-]+$")]
    description: Annotated[str, msgspec.Meta(pattern=r"\.$")]
    rule: Annotated[
        str,
        msgspec.Meta(
            pattern="^R[1-9][0-9]*$", description="the rule that a hand-written case shows"
        ),
    ] = ""
    recipe: dict[str, Any]
    steps: Annotated[tuple[_Steps, ...], msgspec.Meta(min_length=1)] | None = None
    scenarios: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="scenarios, variants or runs: `jump:twice`, `jump@5:twice`"),
    ] = ()
    representative: Annotated[
        bool, msgspec.Meta(description="stands for its schedule, and is run in every scenario")
    ] = False
    others: Annotated[
        tuple[dict[str, Any], ...],
        msgspec.Meta(description="recipes whose schedulers are built on the same optimizer"),
    ] = ()
    argument_form: Literal["explicit", "defaults"] | None = None

    def __post_init__(self) -> None:
        _ = self.selectors

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """What `scenarios` selects."""
        places = enumerate(self.scenarios)
        return tuple(Selector.parse(text, f"$.scenarios[{index}]") for index, text in places)


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Cases of one schedule, or those for one backend."""

    schema: str = msgspec.field(default="", name="$schema")
    schedule: str | None = None
    backend: Annotated[str | None, msgspec.Meta(description="the one that these cases are for")] = (
        None
    )
    cases: Annotated[tuple[Entry, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        if self.schedule is None and self.backend is None:
            raise BadInput("$", "neither", "a `schedule` or a `backend`")


@cache
def cases() -> tuple[Case, ...]:
    """Return the suite's cases and the published recipes, in the order of their files."""
    root = resources.root()
    paths = sorted((root / "conformance" / "cases").rglob("*.json"))
    published = sorted(path.stem for path in (root / "spec" / "recipes").glob("*.json"))
    return (*(case for path in paths for case in read(path)), *map(_published, published))


def read(path: Path) -> list[Case]:
    """Return the cases in the file at *path*; raises `BadInput` that names file and case."""
    document = read_document(path, Document, "the cases of a schedule or a backend")
    try:
        return [
            _case(entry, number, document.backend, generated=path.parent.name == "generated")
            for number, entry in enumerate(document.cases)
        ]
    except BadInput as error:
        raise error.in_file(str(path)) from error


def _case(entry: Entry, number: int, backend: str | None, *, generated: bool) -> Case:
    place = f"$.cases[{number}]"
    return Case(
        id=entry.id,
        description=entry.description,
        recipe=_recipe(entry.recipe, f"{place}.recipe"),
        steps=entry.steps,
        scenarios=entry.selectors or (_ALL if entry.representative else PLAIN),
        representative=entry.representative,
        others=tuple(_recipe(other, f"{place}.others") for other in entry.others),
        generated=generated,
        number=number,
        backend=backend,
        argument_form=entry.argument_form,
    )


def _recipe(document: dict[str, Any], place: str) -> Recipe:
    try:
        return recipes.from_dict(document)
    except BadInput as error:
        raise error.under(place) from error


def _published(name: str) -> Case:
    recipe = recipes.load(name)
    about = recipe.about or {}
    steps = tuple(about["steps"]) if "steps" in about else None
    return Case(f"recipes/{name}", about.get("title", name), recipe, steps, _PUBLISHED)


def case_of(source: str) -> Case:
    """Return a user's own recipe as a case."""
    return Case(source, "", recipes.load(source), scenarios=OWN, representative=True, own=True)
