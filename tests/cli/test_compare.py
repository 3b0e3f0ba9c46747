"""`lrspec compare`: the same, or from which step and by how much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.cli.app import run

pytestmark = pytest.mark.every_python

HALVES = {"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("halves.json").write_text(json.dumps(HALVES))
    Path("thirds.json").write_text(json.dumps({**HALVES, "gamma": 1 / 3}))
    Path("groups.json").write_text(json.dumps({**HALVES, "base_lr": [1.0, 0.1]}))
    Path("same.csv").write_text("1\n0.5\n0.25\n0.125\n")
    Path("late.csv").write_text("step,lr\n2,0.25\n3,0.25\n")
    Path("beyond.csv").write_text("step,lr\n9,0.25\n")


def test_equal_rates_are_exit_0(capsys):
    assert run(["compare", "halves.json", "same.csv"]) == 0
    assert capsys.readouterr().out == "same over 4 steps: exact\n"
    assert run(["compare", "halves.json", "halves.json", "--steps", "3"]) == 0
    assert capsys.readouterr().out == "same over 3 steps: exact\n"


def test_the_first_step_and_the_extent_of_a_difference_are_printed(capsys):
    """At step 3 the log has 0.25 where the recipe has 0.125; the largest compared rate is 0.25."""
    assert run(["compare", "halves.json", "late.csv"]) == 1
    assert capsys.readouterr().out == (
        "different from step 3: 0.125 and 0.25; 1 of 2 steps differ, by up to 0.5 of the peak\n"
    )
    assert run(["compare", "halves.json", "thirds.json", "--steps", "2"]) == 1
    assert "different from step 1: 0.5 and 0.333333; 1 of 2 steps" in capsys.readouterr().out


def test_two_logs_are_compared_at_the_steps_that_both_have(capsys):
    assert run(["compare", "same.csv", "late.csv", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1,
        "same": False,
        "difference": "divergence",
        "steps": 2,
        "first_step": 3,
        "differing": 1,
        "max_abs_error": 0.125,
        "max_rel_error": 0.5,
    }


def test_a_rounding_error_is_the_same(capsys):
    Path("rounded.csv").write_text("1\n0.50000000000000011\n")
    assert run(["compare", "halves.json", "rounded.csv"]) == 0
    assert capsys.readouterr().out.startswith("same over 2 steps: rounding, at most 1.1e-16 of")


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("halves.json", "groups.json", "lrspec: groups.json: found 2 parameter groups, expected 1"),
        ("same.csv", "beyond.csv", "lrspec: beyond.csv: found no step, expected a step that same"),
        ("halves.json", "none.csv", "lrspec: none.csv: $: found no such file"),
        ("none", "same.csv", "lrspec: none: $: found no such file"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_exit_2(a: str, b: str, message: str, capsys):
    assert run(["compare", a, b]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(message)


def test_a_recipe_with_a_dialect_means_its_framework(capsys):
    """Past its end, PyTorch's cosine adds a term to the rate in use, that of the whole chain."""
    members = [
        {"schedule": "cosine_annealing", "T_max": 4},
        {"schedule": "multistep", "milestones": [2], "gamma": 0.1},
    ]
    chain = {"schedule": "chained", "base_lr": 1.0, "schedules": members}
    torch = {"framework": "torch", "version": "2.13.0"}
    Path("chain.json").write_text(json.dumps(chain))
    Path("torch.json").write_text(json.dumps({**chain, "dialect": torch}))
    assert run(["compare", "chain.json", "torch.json"]) == 1
    assert capsys.readouterr().out.startswith("different from step 5: 0.0146447 and 0.146447;")
    assert run(["compare", "torch.json", "torch.json"]) == 0


def test_steps_that_a_framework_does_not_reach_are_not_compared(capsys):
    cycle = {"schedule": "one_cycle", "max_lr": 1, "total_steps": 10}
    torch = {"framework": "torch", "version": "2.13.0"}
    Path("longer.json").write_text(json.dumps({**cycle, "total_steps": 20}))
    Path("torch.json").write_text(json.dumps({**cycle, "dialect": torch}))
    run(["compare", "torch.json", "longer.json"])
    assert "torch.json: step 11: torch 2.13.0 raises ValueError" in capsys.readouterr().err
    assert run(["compare", "torch.json", "longer.json", "--steps", "12"]) == 2
