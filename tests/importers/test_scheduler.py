"""Readings: descriptions of real schedulers, recorded, become the recipes that they are."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

import lrspec
from lrspec import BadInput, resources
from lrspec.bindings.backend import frameworks
from lrspec.importers.scheduler import of_description
from lrspec.port.equivalence import first_difference
from lrspec.spec import recipe

pytestmark = pytest.mark.every_python

ROOT = resources.root()
ROWS = resources.read_json(ROOT / "conformance" / "user_files" / "readings.json")["rows"]
RECORDED = {
    (record["file"], record["expression"]): record
    for record in map(
        json.loads,
        (Path(__file__).parent.parent / "recorded_descriptions.jsonl").read_text().splitlines(),
    )
}


def recorded(expression: str) -> dict:
    found = [r for (_, e), r in RECORDED.items() if e == expression]
    return copy.deepcopy(found[0]["description"])


def test_every_expression_is_recorded():
    assert set(RECORDED) == {(row["file"], row["expression"]) for row in ROWS}, (
        "run python tests/record_descriptions.py"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']}:{row['expression']}")
def test_a_scheduler_is_read_as_what_it_is(row: dict):
    record = RECORDED[row["file"], row["expression"]]
    if record["status"] != "description":
        assert row["refused"].startswith(f"found {record.get('found', record.get('reason'))}")
        return
    if "refused" in row:
        with pytest.raises(BadInput) as refused:
            of_description(record["description"])
        assert str(refused.value).removeprefix("$").removeprefix(": ") == row["refused"]
        return
    read = of_description(record["description"])
    assert read.recipe.to_dict() == row["recipe"]
    assert list(read.notes) == row.get("notes", [])


def test_a_recipe_that_was_read_is_a_recipe_to_load():
    for row in ROWS:
        if "recipe" in row:
            assert lrspec.load(row["recipe"]).to_dict() == row["recipe"]


def test_the_position_of_a_schedule_is_where_its_scheduler_was():
    assert lrspec.load({"schedule": "step", "base_lr": 1, "step_size": 3}).position == 0
    read = of_description(recorded("after(30, Cosine(optimizer(), 3, 4))")).recipe
    assert lrspec.Schedule(read).position == 30
    document = {"schedule": "step", "base_lr": 1, "step_size": 3, "about": {"position": "first"}}
    assert lrspec.load(document).position == 0


def test_a_rate_that_was_set_by_hand_is_noted():
    description = recorded("lrs.ConstantLR(optimizer())")
    description["ahead"][0] = [0.7]
    (note,) = of_description(description).notes
    assert note == (
        "ConstantLR departs from the specification: "
        "at step 0 it uses 0.7 where the recipe has 0.0333333333, in this update alone"
    )


def test_a_class_of_a_later_release_is_refused_by_name():
    description = recorded("lrs.ConstantLR(optimizer())")
    description["lineage"][0]["name"] = description["class"] = "TomorrowLR"
    with pytest.raises(BadInput, match="found TomorrowLR, expected a class of PyTorch that lrspec"):
        of_description(description)


def test_an_attribute_that_is_not_there_is_named():
    description = recorded("lrs.ConstantLR(optimizer())")
    del description["held"]["factor"]
    with pytest.raises(BadInput, match="found ConstantLR, expected an attribute factor"):
        of_description(description)


def test_a_state_that_is_not_there_yet_is_left_out():
    description = recorded("after(4, lr.ReduceOnPlateau(0.4, patience=1), 1.0)")
    description["held"]["best"] = None
    state = of_description(description).recipe.about["state"]
    assert state == {"bad": 1, "cooling": 0, "rate": [0.04000000000000001]}


def test_a_class_of_no_framework_is_refused():
    description = recorded("lrs.ConstantLR(optimizer())")
    description["lineage"] = [{**description["lineage"][0], "module": "timm.scheduler"}]
    titles = ", ".join(backend.title for backend in frameworks().values() if backend.readable)
    with pytest.raises(BadInput, match=f"a scheduler of {titles}"):
        of_description(description)


def test_a_docstring_that_mentions_a_recipe_in_a_sentence_claims_none():
    description = recorded("lrs.ConstantLR(optimizer())")
    own = {"module": "train", "name": "Own", "doc": "A schedule. Recipe: none.", "defines": []}
    description["lineage"] = [own]
    with pytest.raises(BadInput, match="found ConstantLR, expected a scheduler of PyTorch"):
        of_description(description)


def test_a_number_that_the_object_does_not_keep_is_the_shortest_that_gives_what_it_keeps():
    description = recorded("lrs.OneCycleLR(optimizer(), 0.1, epochs=3, steps_per_epoch=7)")
    assert of_description(description).recipe.given["pct_start"] == 0.3
    phases = description["held"]["_schedule_phases"]
    phases[0]["dict"]["end_step"] = 0.123 * 21 - 1
    assert of_description(description).recipe.given["pct_start"] == 0.123


def test_the_first_difference_of_two_recipes_is_named_with_defaults_filled_in():
    short = recipe.from_dict({"schedule": "step", "base_lr": 1, "step_size": 3})
    long = recipe.from_dict({"schedule": "step", "base_lr": 1.0, "step_size": 3.0, "gamma": 0.1})
    other = recipe.from_dict({"schedule": "step", "base_lr": 1, "step_size": 4})
    louder = recipe.from_dict({"schedule": "step", "base_lr": 2, "step_size": 3})
    assert first_difference(short, long) == ""
    assert first_difference(short, other) == "step's step_size"
    assert first_difference(short, louder) == "the base rate"
