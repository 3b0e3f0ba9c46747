"""`lrspec list SCHEDULE` and `lrspec recipes`: one schedule, and the published recipes."""

from __future__ import annotations

import json

import pytest

from lrspec import resources
from lrspec.cli.app import run
from lrspec.dialect.dialect import departures
from lrspec.spec.recipe import load
from lrspec.spec.schedule import schedules

pytestmark = pytest.mark.every_python


def out_of(capsys, *arguments: str) -> str:
    assert run([*arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", schedules())
def test_a_schedule_has_its_formula_parameters_rules_and_sources(kind: str, capsys):
    out, document = out_of(capsys, "list", kind), schedules()[kind].document
    assert out.startswith(f"{kind}: {document['summary']}\n")
    texts = [document.get("closed"), *document.get("let", {}).values()]
    texts += [rule["text"] for rule in document["rules"]]
    texts += [entry["meaning"] for entry in document["parameters"].values()]
    texts += [source["title"] for source in document["source"]]
    assert [text for text in texts if text and text not in out] == []


def test_the_arguments_of_the_frameworks_stand_side_by_side(capsys):
    lines = out_of(capsys, "list", "one_cycle").splitlines()
    (head,) = (line for line in lines if line.lstrip().startswith("parameter"))
    assert "PyTorch OneCycleLR" in head
    assert "PaddlePaddle OneCycleLR" in head
    assert "OneFlow —" in head
    (row,) = (line for line in lines if line.lstrip().startswith("div_factor=25"))
    assert row.split()[-2:] == ["div_factor", "divide_factor"]
    assert "end_learning_rate = max_lr / (div_factor * final_div_factor)" in "\n".join(lines)


def test_the_departures_of_the_classes_are_named(capsys):
    out = out_of(capsys, "list", "multistep")
    known = departures()["torch-milestone-between-steps"]
    assert f"PyTorch: torch-milestone-between-steps: {known.cause} {known.do}\n" in out


def test_one_schedule_is_printed_as_json(capsys):
    entry = json.loads(out_of(capsys, "list", "step", "--json"))
    assert (entry["schedule"], [p["name"] for p in entry["parameters"]]) == (
        "step",
        ["step_size", "gamma"],
    )


def test_an_unknown_schedule_is_one_line_with_the_one_that_was_meant(capsys):
    assert run(["list", "cosine_anealing"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "did you mean `cosine_annealing`" in err


def test_every_published_recipe_is_listed_by_a_name_that_can_be_loaded(capsys):
    entries = json.loads(out_of(capsys, "recipes", "--json"))
    files = (resources.root() / "spec" / "recipes").glob("*.json")
    assert {entry["name"] for entry in entries} == {path.stem for path in files}
    for entry in entries:
        assert load(entry["name"]).kind == entry["schedules"][0]


def test_recipes_are_found_by_a_word_in_title_source_or_schedules(capsys):
    lines = out_of(capsys, "recipes", "TRANSFORMER").splitlines()
    assert any(line.lstrip().startswith("transformer-noam") for line in lines)
    assert any(line.lstrip().startswith("bert") for line in lines)
    assert not any(line.lstrip().startswith("wsd") for line in lines)


def test_recipes_in_a_pipe_are_short_lines_of_three_fields(capsys):
    lines = out_of(capsys, "recipes").splitlines()
    assert lines[0] == "name\tschedules\ttitle"
    assert {line.count("\t") for line in lines} == {2}
    assert max(map(len, lines)) < 200


def test_the_source_of_a_single_recipe_is_printed_in_full(capsys):
    lines = out_of(capsys, "recipes", "bert").splitlines()
    assert any(
        line.startswith("source: BERT: Pre-training of Deep Bidirectional") for line in lines
    )
    assert any(line.startswith("url: https://github.com/google-research/bert/") for line in lines)


def test_a_word_that_no_recipe_has_is_exit_1(capsys):
    assert run(["recipes", "no such word"]) == 1
    assert capsys.readouterr().err == "no published recipe has 'no such word'\n"
