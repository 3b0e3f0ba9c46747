"""The schema of recipes, which editors read, accepts what the validation accepts."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from write_recipe_schema import document, recipe_schema

from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules
from lrspec.spec.validation import validate
from lrspec.suite.cases import cases

NUMBERS = [-1, -0.5, 0, 0.0, 0.5, 1, 1.0, 1.5, 2, 3.0, 2**53, 2**53 + 1, 10**20]
OTHERS = [None, True, False, "", "min", "t", {}, [], [None], [1], [0.5, 2.0], [-1], [True], ["a"]]
LONG = [[1] * 1000, [1] * 1001, [0.5] * 10_001]
EXAMPLES = {case.recipe.kind: case.recipe.to_dict() for case in cases() if case.representative}


def is_valid(recipe: dict[str, Any]) -> bool:
    try:
        validate(recipe, schedules()[recipe["schedule"]], outermost=True)
    except BadInput:
        return False
    return True


@pytest.mark.parametrize("kind", schedules())
def test_the_schema_and_the_validation_agree_on_every_parameter(kind: str):
    schema = {**recipe_schema(schedules()[kind], outermost=True), "$defs": document()["$defs"]}
    validator = Draft202012Validator(schema)
    example = EXAMPLES[kind]
    assert is_valid(example)
    plain = (n for n, p in schedules()[kind].parameters.items() if "schedule" not in p.type)
    for name in ("base_lr", "about", "no_such_parameter", *plain):
        without = {key: value for key, value in example.items() if key != name}
        assert is_valid(without) == validator.is_valid(without), name
        for value in (*NUMBERS, *OTHERS, *LONG):
            recipe = {**without, name: value}
            if value != "":  # a formula of no characters is refused where it is parsed
                assert is_valid(recipe) == validator.is_valid(recipe), (name, value)


def test_a_nested_recipe_has_no_base_rate_in_either():
    recipe = from_dict(EXAMPLES["sequential"]).to_dict()
    recipe["schedules"] = [{**member, "base_lr": 1} for member in recipe["schedules"]]
    assert not Draft202012Validator(document()).is_valid(recipe)
    with pytest.raises(BadInput, match="only the outermost recipe has `base_lr`"):
        from_dict(recipe)
