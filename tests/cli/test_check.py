"""`lrspec check`, in a toy framework with and without a flaw."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from fake_backends import fake

from lrspec.check import examination
from lrspec.cli.app import run

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "base_lr": 0.1, "T_max": 10}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def use(name: str) -> str:
        backend = fake(name, tmp_path)
        monkeypatch.setattr(examination, "frameworks", lambda: {"toy": backend})
        monkeypatch.setenv("LRSPEC_TOY_PYTHON", sys.executable)
        (tmp_path / "cosine.json").write_text(json.dumps(COSINE))
        monkeypatch.chdir(tmp_path)
        return "cosine.json"

    return use


def screen_of(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed, its lines joined; the toy's version is NumPy's."""
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    return re.sub(r"Toy \d\S+", "Toy", " ".join(out.split()))


def test_a_framework_that_does_what_is_specified(toy, capsys):
    assert run(["check", toy("honest"), "--steps", "25"]) == 0
    screen = screen_of(capsys)
    assert "step 10 0 the rate reaches eta_min " in screen
    assert "step 20 0.1 the rate returns to the base rate " in screen
    assert "✓ Toy uses the specified rates, except for rounding of at most " in screen
    assert "✓ Saving and loading is safe at steps 9, 10 and 11." in screen
    assert "The run: 25 updates (--steps)." in screen
    assert "! The run of 25 updates is 2.5 times the schedule's horizon of 10;" in screen


def test_a_framework_that_does_not(toy, capsys):
    assert run(["check", toy("late_by_one")]) == 1
    screen = screen_of(capsys)
    assert "✗ Toy does not use the specified rates. At step 1 it uses 0.1 where" in screen
    assert "`lrspec port cosine.json --to toy` writes source that does." in screen
    assert "length unknown, give it with --steps N; the schedule ends at step 10;" in screen


def test_without_a_framework_nothing_is_verified(toy, capsys):
    target = toy("does_not_import")
    assert run(["check", target]) == 1
    screen = screen_of(capsys)
    assert "Nothing was run: no framework is installed in this environment" in screen
    assert screen.count("Not installed, and predicted: Toy ") == 1


def test_a_schedule_without_a_class_is_said_to_have_none(toy, tmp_path: Path, capsys):
    toy("honest")
    (tmp_path / "noam.json").write_text(
        '{"schedule": "noam", "base_lr": 1, "d_model": 4, "warmup_steps": 2}'
    )
    assert run(["check", "noam.json"]) == 1
    screen = screen_of(capsys)
    assert "- Toy has no class for this: " in screen
    assert "Nothing was run: no class here has this schedule." in screen


@pytest.mark.parametrize("target", ["nowhere.json", "nowhere.py:make()"])
def test_a_target_that_does_not_exist_is_one_line(toy, target: str, capsys):
    toy("honest")
    assert run(["check", target]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"lrspec: {target.partition(':')[0]}: ")
    assert printed.err.count("\n") == 1
