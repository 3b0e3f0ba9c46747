"""A recipe that is none is refused in one line, before anything is run or written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict, load

pytestmark = pytest.mark.every_python

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
        ({}, "$", "no key 'schedule'", "kind"),
        ({"schedule": "cosine"}, "$.schedule", "cosine", "cosine_decay"),
        ({"schedule": "zzz"}, "$.schedule", "zzz", "chained, constant"),
        ({"schedule": 3}, "$.schedule", "3", "one of"),
        ({"schedule": "cosine_annealing", "T_max": 3}, "$.base_lr", "nothing", "the base rate"),
        ({**COSINE, "base_lr": 0}, "$.base_lr", "0", "above 0"),
        ({**COSINE, "base_lr": "0.1"}, "$.base_lr", "0.1", "a list of them"),
        ({**COSINE, "base_lr": []}, "$.base_lr", "[]", "a list of them"),
        ({**COSINE, "base_lr": [0.1, -1]}, "$.base_lr", "[0.1, -1]", "above 0"),
        ({"schedule": "cosine_annealing", "base_lr": 1}, "$.T_max", "nothing", "half the period"),
        ({**COSINE, "Tmax": 3}, "$.Tmax", "an unknown parameter", "base_lr, T_max, eta_min"),
        ({**COSINE, "T_max": "ten"}, "$.T_max", "ten", "a whole number"),
        ({**COSINE, "T_max": 2.5}, "$.T_max", "2.5", "a whole number"),
        ({**COSINE, "T_max": True}, "$.T_max", "True", "a whole number"),
        ({**COSINE, "T_max": 0}, "$.T_max", "0", "at least 1"),
        ({**COSINE, "T_max": 10**400}, "$.T_max", "1000", "finite"),
        ({**COSINE, "T_max": 10**17}, "$.T_max", "1000", "at most 9007199254740992"),
        ({**COSINE, "eta_min": float("nan")}, "$.eta_min", "nan", "finite numbers"),
        ({**COSINE, "eta_min": float("inf")}, "$.eta_min", "inf", "finite numbers"),
        ({**COSINE, "eta_min": -1}, "$.eta_min", "-1", "at least 0"),
        ({**COSINE, "eta_min": None}, "$.eta_min", "None", "a number"),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": []},
            "$.milestones",
            "[]",
            "at least 1 item",
        ),
        (
            {"schedule": "multistep", "base_lr": 1, "milestones": [5, 2]},
            "$.milestones",
            "[5, 2]",
            "increasing order",
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
            "one value more",
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
                "a condition for a number",
                "conditions in `a if c else b` alone",
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
            "20000 items",
            "at most 10000",
        ),
        (
            {"schedule": "chained", "base_lr": 1, "schedules": [1] * 400000},
            "$.schedules",
            "400000 items",
            "at most 1000",
        ),
        ({**COSINE, "base_lr": [1] * 400000}, "$.base_lr", "400000 items", "at most 1000"),
        ({"schedule": "lambda", "base_lr": 1, "factor": "9**9**9"}, "$.factor", "9 ** 9", "finite"),
        ({"schedule": "lambda", "base_lr": 1, "factor": ""}, "$.factor", "", "1 character"),
        ({"schedule": "lambda", "base_lr": 1, "factor": 3}, "$.factor", "3", "a string"),
        (
            {"schedule": "sequential", "base_lr": 1, "schedules": [], "milestones": []},
            "$.schedules",
            "[]",
            "at least 1 item",
        ),
        (
            {**nested(1), "schedules": 1},
            "$.schedules",
            "an unknown parameter",
            "warmup_steps",
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
            "an unknown parameter",
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
            "one milestone less",
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
def test_a_bad_recipe_is_refused_where_it_is_bad(document, place, found, expected):
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
        (b'{"schedule": "step", "schedule": "step"}', "the key 'schedule' twice"),
        (b'{"schedule": "step", "base_lr": NaN}', "NaN"),
        (b'{"schedule": "step", "base_lr": -Infinity}', "-Infinity"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
        (b"[" * 900_000, "endless nesting"),
        (b'{"after":' * 100_000, "endless nesting"),
        (b'{"schedule": "step", "base_lr": ' + b"9" * 9000 + b"}", "a number without end"),
        (b" " * 1_000_001, "more than 1000000 bytes"),
    ],
)
def test_a_bad_file_is_refused_by_its_name(tmp_path: Path, content: bytes, found: str):
    path = tmp_path / "recipe.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert found in str(caught.value)


def test_a_million_levels_and_a_hundred_megabytes_are_refused_unread(tmp_path: Path):
    path = tmp_path / "deep.json"
    with path.open("wb") as file:
        file.write(b"[" * 10**6)
        file.seek(10**8)
        file.write(b"]")
    with pytest.raises(BadInput, match="more than 1000000 bytes"):
        load(path)


@pytest.mark.parametrize("name", ["nowhere.json", "no/such/file", ".", "a\0b"])
def test_a_missing_file_is_refused(name: str):
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
    with pytest.raises(BadInput, match="the key 'k79999' twice"):
        load(path)


def test_whole_numbers_of_steps_are_integers_however_they_are_spelled():
    document = {"schedule": "multistep", "base_lr": 1, "milestones": [3.0, 5, 6.5], "gamma": 1.0}
    values = from_dict(document).values(1.0)
    assert [type(found) for found in values["milestones"]] == [int, int, float]
    assert type(values["gamma"]) is float
    assert from_dict(document).to_dict() == document
