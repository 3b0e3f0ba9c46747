"""An invalid recipe is rejected with one line, before anything is run or written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict, load

pytestmark = pytest.mark.every_python

CYCLE = {"schedule": "cyclic", "max_lr": 2, "step_size_up": 3}
COSINE = {"schedule": "cosine_annealing", "base_lr": 0.1, "T_max": 10}


def nested(levels: int) -> dict:
    document: dict = {"schedule": "cosine_annealing", "T_max": 3}
    for _ in range(levels):
        document = {"schedule": "linear_warmup", "warmup_steps": 1, "after": document}
    return {**document, "base_lr": 1}


@pytest.mark.parametrize(
    ("document", "place", "found", "expected"),
    [
        ([], "$", "[]", "an object"),
        ("x", "$", "x", "an object"),
        ({}, "$.schedule", "`schedule` is required", "kind"),
        (
            {"schedule": "cosine"},
            "$.schedule",
            "did you mean `cosine_annealing` or `cosine_decay`",
            "cosine_decay",
        ),
        ({"schedule": "zzz"}, "$.schedule", "unknown schedule `zzz`", "chained, constant"),
        ({"schedule": 3}, "$.schedule", "3", "one of"),
        (
            {"schedule": "cosine_annealing", "T_max": 3},
            "$.base_lr",
            "`base_lr` is required (the base rate",
            "the base rate",
        ),
        ({**COSINE, "base_lr": 0}, "$.base_lr", "0", "above 0"),
        ({**COSINE, "base_lr": "0.1"}, "$.base_lr", "0.1", "a list of them"),
        ({**COSINE, "base_lr": []}, "$.base_lr", "[]", "a list of 1 to 1000 numbers above 0"),
        ({**COSINE, "base_lr": [0.1, -1]}, "$.base_lr[1]", "-1", "a number above 0"),
        (
            {"schedule": "cosine_annealing", "base_lr": 1},
            "$.T_max",
            "`T_max` is required (",
            "half the period",
        ),
        ({**COSINE, "Tmax": 3}, "$.Tmax", "did you mean `T_max`?", "base_lr, T_max, eta_min"),
        ({**COSINE, "ETA_MIN": 3}, "$.ETA_MIN", "did you mean `eta_min`?", "takes base_lr, T_max"),
        (
            {**COSINE, "zzz": 3},
            "$.zzz",
            "unknown parameter `zzz`; cosine_annealing takes",
            "eta_min",
        ),
        ({**COSINE, "T_max": "ten"}, "$.T_max", 'found "ten"', "a whole number"),
        ({**COSINE, "T_max": 2.5}, "$.T_max", "2.5", "a whole number"),
        ({**COSINE, "T_max": True}, "$.T_max", "true", "a whole number"),
        ({**COSINE, "T_max": 0}, "$.T_max", "0", "at least 1"),
        ({**COSINE, "T_max": 10**400}, "$.T_max", "an integer of 401 digits", "finite"),
        ({**COSINE, "T_max": 10**17}, "$.T_max", "1000", "at most 9007199254740992"),
        ({**COSINE, "eta_min": float("nan")}, "$.eta_min", "nan", "a finite number"),
        ({**COSINE, "eta_min": float("inf")}, "$.eta_min", "inf", "a finite number"),
        ({**COSINE, "eta_min": -1}, "$.eta_min", "-1", "at least 0"),
        ({**COSINE, "eta_min": None}, "$.eta_min", "null", "a number"),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": []},
            "$.milestones",
            "[]",
            "a list of 1 to 10000 numbers of at least 0",
        ),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": [5, 2]},
            "$.milestones",
            "[5, 2]",
            "nondecreasing order",
        ),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": [2, "5"]},
            "$.milestones[1]",
            "5",
            "a number",
        ),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": [-1]},
            "$.milestones[0]",
            "-1",
            "at least 0",
        ),
        (
            {"schedule": "piecewise_constant", "boundaries": [3], "values": [1]},
            "$.values",
            "[1]",
            "one more value",
        ),
        (
            {"schedule": "lambda", "base_lr": 1, "factor": "__import__('os')"},
            "$.factor, column 1",
            "a call of __import__",
            "a call of one of abs",
        ),
        (
            {"schedule": "lambda", "base_lr": 1, "factor": "restart_index(t, 0, 2)"},
            "$.factor, column 1",
            "a call of restart_index",
            "a call of one of abs, ceil, cos",
        ),
        *(
            (
                {"schedule": "lambda", "base_lr": 1, "factor": text},
                f"$.factor, column {column}",
                "a condition",
                "a number: `1 if condition else 0`",
            )
            for text, column in [
                ("(t < 5) + (t < 3)", 2),
                ("t or 1", 1),
                ("(t and 5) ** 2", 2),
                ("-(t < 5)", 3),
                ("exp(t < 5)", 5),
                ("not t", 1),
                ("1 if (t < (t < 2)) else 2", 12),
            ]
        ),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": [1] * 20000},
            "$.milestones",
            "a list of 20000 items",
            "a list of 1 to 10000 numbers",
        ),
        (
            {"schedule": "chained", "base_lr": 1, "schedules": [1] * 400000},
            "$.schedules",
            "a list of 400000 items",
            "a list of 1 to 1000 nested recipes",
        ),
        ({**COSINE, "base_lr": [1] * 400000}, "$.base_lr", "400000 items", "1 to 1000 numbers"),
        ({"schedule": "lambda", "base_lr": 1, "factor": "9**9**9"}, "$.factor", "9 ** 9", "finite"),
        (
            {"schedule": "lambda", "base_lr": 1, "factor": ""},
            "$.factor",
            "",
            "a formula in Python's",
        ),
        ({"schedule": "lambda", "base_lr": 1, "factor": 3}, "$.factor", "3", "a string"),
        (
            {"schedule": "sequential", "base_lr": 1, "schedules": [], "milestones": []},
            "$.schedules",
            "[]",
            "a list of 1 to 1000 nested recipes",
        ),
        (
            {**nested(1), "schedules": 1},
            "$.schedules",
            "unknown parameter `schedules`",
            "warmup_steps",
        ),
        (
            {
                "schedule": "chained",
                "base_lr": 1,
                "schedules": [{**CYCLE, "cycle_momentum": True}],
            },
            "$.schedules[0]",
            "only the outermost schedule may move the momentum",
            "a rate alone",
        ),
        (
            {
                "schedule": "sequential",
                "base_lr": 1,
                "milestones": [3],
                "schedules": [
                    {"schedule": "constant"},
                    {"schedule": "step", "step_size": 2, "base_lr": 3},
                ],
            },
            "$.schedules[1].base_lr",
            "only the outermost recipe has `base_lr`",
            "step_size, gamma",
        ),
        (
            {
                "schedule": "sequential",
                "base_lr": 1,
                "milestones": [],
                "schedules": [{"schedule": "constant"}, {"schedule": "constant"}],
            },
            "$.milestones",
            "[]",
            "one milestone fewer",
        ),
        (
            {
                "schedule": "sequential",
                "base_lr": 1,
                "milestones": [],
                "schedules": [{"schedule": "constant"}],
                "time": "both",
            },
            "$.time",
            "both",
            "local, global",
        ),
        (nested(40), "$", "deeper nesting", "at most 32 levels"),
        ({**COSINE, "about": "x"}, "$.about", "x", "an object"),
    ],
)
def test_an_invalid_recipe_is_rejected_at_the_place_of_its_error(document, place, found, expected):
    with pytest.raises(BadInput) as caught:
        from_dict(document)
    error = caught.value
    assert error.place == place
    assert found in str(error.found) or found in str(error)
    assert expected in error.expected
    assert "\n" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "expecting value"),
        (b"{not json}", "expecting property name"),
        (b'{"schedule": "step", "schedule": "step"}', 'the key "schedule" appears twice'),
        (b'{"schedule": "step", "base_lr": NaN}', "NaN"),
        (b'{"schedule": "step", "base_lr": -Infinity}', "-Infinity"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 900_000, "nested too deeply"),
        (b'{"after":' * 100_000, "nested too deeply"),
        (b'{"schedule": "step", "base_lr": ' + b"9" * 9000 + b"}", "a number has too many digits"),
        (b" " * 1_000_001, "more than 1000000 bytes"),
    ],
)
def test_an_invalid_file_is_rejected_by_its_name(tmp_path: Path, content: bytes, found: str):
    path = tmp_path / "recipe.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert found in str(caught.value)


def test_a_million_levels_and_a_hundred_megabytes_are_rejected_unread(tmp_path: Path):
    path = tmp_path / "deep.json"
    with path.open("wb") as file:
        file.write(b"[" * 10**6)
        file.seek(10**8)
        file.write(b"]")
    with pytest.raises(BadInput, match="more than 1000000 bytes"):
        load(path)


@pytest.mark.parametrize("name", ["nowhere.json", "no/such/file", ".", "a\0b"])
def test_a_missing_file_is_rejected(name: str):
    with pytest.raises(BadInput, match="expected a file or the name of a published recipe"):
        load(name)


def test_a_file_a_dictionary_and_a_name_give_one_recipe(tmp_path: Path):
    published = load("one-sentence")
    path = tmp_path / "same.json"
    path.write_text(json.dumps(published.to_dict()))
    assert load(path).to_dict() == load(published.to_dict()).to_dict() == published.to_dict()
    assert published.about is not None


def test_a_recipe_is_read_back_as_it_was_given():
    document = {
        "schedule": "linear_warmup",
        "base_lr": [0.5, 0.05],
        "warmup_steps": 3,
        "after": {"schedule": "multistep", "milestones": [2, 4]},
    }
    assert from_dict(document).to_dict() == document
    assert from_dict(COSINE).to_dict() == COSINE


def test_only_absolute_parameters_keep_a_curve_from_scaling():
    warmup = {"schedule": "linear_warmup", "base_lr": 1, "warmup_steps": 3}
    assert from_dict(warmup).scales_with_base()
    assert not from_dict({**warmup, "end_lr": 1}).scales_with_base()
    assert not from_dict({**warmup, "start_lr": 0.1}).scales_with_base()
    raised = {"schedule": "cosine_annealing", "T_max": 3, "eta_min": 0.1}
    assert not from_dict({**warmup, "after": raised}).scales_with_base()


def test_a_key_twice_among_many_is_found_at_once(tmp_path: Path):
    path = tmp_path / "twins.json"
    path.write_text("{" + ",".join(f'"k{i}":1' for i in [*range(80000), 79999]) + "}")
    with pytest.raises(BadInput, match='the key "k79999" appears twice'):
        load(path)


def test_whole_numbers_of_steps_are_integers_even_if_written_as_floats():
    document = {"schedule": "multistep", "base_lr": 1, "milestones": [3.0, 5, 6.5], "gamma": 1.0}
    values = from_dict(document).values(1.0)
    assert [type(step) for step in values["milestones"]] == [int, int, float]
    assert type(values["gamma"]) is float
    assert from_dict(document).to_dict() == document
