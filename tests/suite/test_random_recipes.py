"""Random recipes are valid, and cover what can be written."""

from __future__ import annotations

from random import Random

from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.random_recipes import draw


def depth(recipe: Recipe) -> int:
    return 1 + max(map(depth, recipe.members()), default=0)


def test_every_kind_depth_and_number_of_groups_is_drawn():
    drawn = [draw(Random(seed)) for seed in range(600)]
    assert {recipe.kind for recipe in drawn} == set(schedules())
    assert {len(recipe.bases) for recipe in drawn} == {1, 2, 3}
    assert {depth(recipe) for recipe in drawn} == {1, 2, 3}


def test_a_seed_decides_the_recipe():
    assert draw(Random(7)).to_dict() == draw(Random(7)).to_dict()
    assert draw(Random(7)).to_dict() != draw(Random(8)).to_dict()


def test_a_random_recipe_is_read_back_unchanged():
    for seed in range(100):
        document = draw(Random(seed)).to_dict()
        assert from_dict(document).to_dict() == document
