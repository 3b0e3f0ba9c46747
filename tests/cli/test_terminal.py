"""Terminals and pipes: encodings, colors, quiet, progress, completion, examples, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lrspec.cli import terminal
from lrspec.cli.app import EXAMPLES, run
from lrspec.cli.app import command as command_named


def lrspec(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "lrspec", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, check=False
    )


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-8"])
@pytest.mark.parametrize("command", ["list step", "departures", "plot bert"])
def test_no_command_fails_on_an_encoding(command: str, encoding: str):
    ended = lrspec(*command.split(), PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert ended.stdout


def test_characters_that_an_encoding_does_not_have_are_replaced():
    drawn = lrspec("plot", "bert", PYTHONIOENCODING="cp1252").stdout.decode("cp1252")
    assert "####===__" in drawn


def test_json_is_the_same_in_every_encoding():
    outputs = [
        lrspec("departures", "--json", PYTHONIOENCODING=encoding).stdout.decode(encoding)
        for encoding in ("latin-1", "utf-8")
    ]
    assert json.loads(outputs[0]) == json.loads(outputs[1])


@pytest.mark.parametrize(
    ("arguments", "no_color", "colored"),
    [
        (["--color", "always"], "1", True),
        (["--color", "never"], "", False),
        ([], "", False),  # standard output is no terminal
    ],
)
def test_colors_are_chosen(arguments, no_color, colored, monkeypatch, capsys):
    monkeypatch.setenv("NO_COLOR", no_color)
    assert run(["plot", "bert", *arguments]) == 0
    assert ("\x1b[" in capsys.readouterr().out) is colored


def test_quiet_prints_no_notes(capsys):
    assert run(["plot", "bert", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert run(["trace", "nowhere", "-q"]) == 2
    assert capsys.readouterr().err.startswith("lrspec: nowhere: ")


def test_every_help_has_an_example(capsys):
    for name, example in EXAMPLES.items():
        assert run([name, "--help"]) == 0
        assert f"Example: {example}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_valid(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lrspec.runtime.interpreter.reason_against", lambda *_: "")
    program, command, *arguments = shlex.split(EXAMPLES[name].partition(">")[0])
    assert (program, command) == ("lrspec", name)
    assert command_named(name).make_context(name, arguments).params


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("lrspec trace ber", "plain,bert"),
        ("lrspec list cosine_a", "plain,cosine_annealing"),
        ("lrspec conform --backend padd", "plain,paddle"),
        ("lrspec conform --scenario resume_", "plain,resume_index"),
        ("lrspec read --format paddled", "plain,paddledetection"),
    ],
)
def test_completion_knows_names(words: str, expected: str):
    *_, last = words.split()
    ended = lrspec(
        _LRSPEC_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert expected in ended.stdout.decode().splitlines(), last


def test_progress_in_a_pipe_is_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(terminal, "_SECONDS", 0.05)
    with terminal.progress(3, {"PyTorch": 1, "OneFlow": 2}) as advance:
        advance("PyTorch")
        time.sleep(0.2)
        assert terminal.so_far() == "1 of 3 runs"
    lines = capsys.readouterr().err.splitlines()
    assert set(lines) == {"1 of 3 runs, waiting for OneFlow"}
    assert terminal.so_far() == ""


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_reader_that_closes_the_pipe_is_no_error():
    command = [sys.executable, "-m", "lrspec", "trace", "bert", "--steps", "100000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:
        assert process.stdout.readline() == b"0\t0.0\n"
        process.stdout.close()
        assert process.wait(60) == 0
        assert b"Traceback" not in process.stderr.read()


def is_running(pid: str) -> bool:
    """Return whether the process is there and has not ended, even if nobody has waited for it."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid],  # noqa: S607
        capture_output=True,
        check=False,
    ).stdout
    return bool(state.strip()) and not state.strip().startswith(b"Z")


@pytest.mark.skipif(os.name == "nt", reason="SIGINT is sent to the process")
def test_ctrl_c_ends_a_run_and_its_workers(tmp_path: Path):
    """It takes less than a second on a quiet machine; the worker would take ten minutes."""
    script = tmp_path / "slow"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/worker\nexec sleep 600\n")
    script.chmod(0o755)
    command = [sys.executable, "-m", "lrspec", "conform", "one-sentence"]
    environment = {**os.environ, "LRSPEC_TORCH_PYTHON": str(script)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, cwd=tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / "worker").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"lrspec: stopped after " in err
    assert b"files of earlier runs are unchanged" in err
    assert not (tmp_path / "lrspec-results").exists()
    worker, deadline = (tmp_path / "worker").read_text().strip(), time.monotonic() + 60
    while is_running(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "arguments", ["list", "list cosine_warm_restarts", "recipes", "plot bert llama"]
)
def test_no_line_is_wider_than_the_terminal(arguments: str, columns: int, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(arguments.split()) == 0
    lines = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= columns


def contrast(color: int, background: float) -> float:
    """Return the contrast of one of the 216 colors of the cube, as WCAG 2 defines it."""
    place = color - 16
    parts = [(0, 95, 135, 175, 215, 255)[place // 6**k % 6] / 255 for k in (2, 1, 0)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    high, low = max(luminance, background), min(luminance, background)
    return (high + 0.05) / (low + 0.05)


def test_colors_are_legible_on_black_and_on_white():
    for color in (terminal.GOOD, terminal.BAD, terminal.CAUTION, terminal._CURVE):
        assert min(contrast(color, 0.0), contrast(color, 1.0)) >= 3.5
