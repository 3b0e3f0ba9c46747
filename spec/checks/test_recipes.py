"""Every published recipe names its source, with an address and a place in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from lrspec import resources

PATHS = sorted((resources.root() / "spec" / "recipes").glob("*.json"))
each_recipe = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
Text = Annotated[str, msgspec.Meta(min_length=1)]
Sentence = Annotated[str, msgspec.Meta(pattern=r"\.$")]


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `about` says of a recipe.

    `place` is where the source has the schedule. An `example` shows a scheduler with numbers that
    nobody is known to have trained with. `derived` numbers are computed from those of the source,
    `chosen` ones are our own, and `unchecked` says what the source could not confirm. `trap` is a
    pitfall, and `steps` are the lengths of its runs in the suite.
    """

    title: Text
    source: Text
    url: Annotated[str, msgspec.Meta(pattern="^https://[^ ]+$")] | None = None
    place: Text
    unit: Text
    run: Annotated[int, msgspec.Meta(ge=1)]
    example: bool = False
    derived: tuple[Text, ...] = ()
    chosen: tuple[Text, ...] = ()
    unchecked: Sentence | None = None
    trap: Sentence | None = None
    steps: tuple[Annotated[int, msgspec.Meta(ge=1)], ...] = ()


def document(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def about(path: Path) -> About:
    return msgspec.convert(document(path)["about"], About)


@each_recipe
def test_a_recipe_has_a_source_and_a_published_one_an_address(path: Path):
    found = about(path)
    assert found.url or found.example


@each_recipe
def test_an_address_of_code_names_a_version(path: Path):
    """A branch moves on; a commit, a tag or a release does not."""
    url = about(path).url or ""
    if url.startswith("https://github.com/"):
        version = r"/blob/([0-9a-f]{40}|v\d+\.\d+\.\d+|release/\d+\.\d+)/"
        assert re.search(version, url), url


@each_recipe
def test_no_parameter_of_a_published_recipe_is_invented(path: Path):
    found = about(path)
    parameters = set(re.findall(r'"([A-Za-z_0-9]+)":', json.dumps({**document(path), "about": {}})))
    invented = {text.partition(":")[0] for text in found.chosen} & (parameters | {"all numbers"})
    assert found.example or not invented


def test_no_two_recipes_have_one_title():
    titles = [about(path).title for path in PATHS]
    assert len(set(titles)) == len(titles)
