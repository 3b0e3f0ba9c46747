"""`lrspec plot` in a terminal and to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec.cli.app import run


def test_a_million_steps_are_drawn_in_the_terminal(capsys: pytest.CaptureFixture[str]):
    assert run(["plot", "bert"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "bert"
    assert "e-05 █" in lines[1] or "0.0001 █" in lines[1]
    assert lines[-1].endswith(" 999,999")
    assert max(map(len, lines)) <= 80
    assert err == "bert: steps 0 to 999,999 (about.run)\n"


def test_several_recipes_are_drawn_with_their_difference(capsys):
    assert run(["plot", "one-sentence", "one-sentence-one-cycle"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert "one-sentence-one-cycle minus one-sentence" in out
    assert run(["plot", "one-sentence", "bert"]) == 0
    assert "minus" not in capsys.readouterr().out


def test_a_recipe_is_no_different_from_itself(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text('{"schedule": "step", "base_lr": 1, "step_size": 5}')
    Path("b.json").write_text('{"schedule": "step", "base_lr": 1, "step_size": 5, "gamma": 0.1}')
    assert run(["plot", "a.json", "b.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["b.json minus a.json", "0"]


def test_a_file_is_written_and_named(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["plot", "bert", "-o", "a.png", "--steps", "1000000000"]) == 0
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == "a.png\n"
