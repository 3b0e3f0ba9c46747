"""`lrspec read`: invalid input is one line and exit 2; no framework is needed to detect it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest

from lrspec.bindings.backend import backend_of, packages
from lrspec.cli.app import run
from lrspec.dialect.dialect import departures
from lrspec.importers import user_file
from lrspec.runtime.messages import Description
from lrspec.runtime.process import Worker

pytestmark = pytest.mark.every_python

KNOWN = ", ".join(packages())

PINNED = {"paddle": backend_of("paddle").pins[0].partition("==")[2]}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def line(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["read", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("lrspec: ").rstrip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("for torch", "train.py: line 1: found "),
        ("a\0b", "train.py: "),
        ("", f"train.py: the file: found no import of {KNOWN}, expected one framework"),
        ("import torch, paddle", "train.py: the file: found imports of torch and paddle, expected"),
        ("from torchvision import x", f"train.py: the file: found no import of {KNOWN}, expected"),
        ("from .torch import x", f"train.py: the file: found no import of {KNOWN}, expected"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(text: str, message: str, capsys):
    Path("train.py").write_text(text)
    assert line(capsys, "train.py:make()").startswith(message)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("train.py", "FILE.py:EXPRESSION: found train.py, expected a file, a colon and an express"),
        ("train.py:", "FILE.py:EXPRESSION: found train.py:, expected a file, a colon and an expre"),
        (
            ":make()",
            "FILE.py:EXPRESSION: found :make(), expected a file, a colon and an expression",
        ),
        ("train.py:make(", "train.py: EXPRESSION: found make(, expected a Python expression"),
        ("train.py:x = 1", "train.py: EXPRESSION: found x = 1, expected a Python expression"),
        (
            "no.py:make()",
            "no.py: the file: found no such file or directory, expected a Python file",
        ),
        (".:make()", ".: the file: found is a directory, expected a Python file"),
    ],
)
def test_an_argument_without_a_file_and_an_expression_is_rejected(argument, message, capsys):
    Path("train.py").write_text("import torch\n")
    assert line(capsys, argument).startswith(message)


def test_a_text_file_is_rejected_with_its_line(capsys):
    Path("notes.txt").write_text("Warm up for ten steps.\n")
    assert line(capsys, "notes.txt:make()").startswith("notes.txt: line 1: found invalid syntax")


def test_an_absent_interpreter_is_named(capsys):
    """The file is read without running it, and has no `make`."""
    Path("train.py").write_text("import torch\n")
    reason = "no interpreter at /no/such/python (from LRSPEC_TORCH_PYTHON)"
    assert reason in line(capsys, "train.py:make()")


def test_an_unknown_backend_is_rejected(capsys):
    Path("train.py").write_text("")
    assert line(capsys, "train.py:make()", "--backend", "jax").startswith("--backend: found jax")


def test_the_help_says_that_the_file_has_side_effects(capsys):
    assert run(["read", "--help"]) == 0
    assert "their side effects happen" in " ".join(capsys.readouterr().out.split())


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch):
    """Replace the worker's answers, and record its requests."""
    requests = []

    def replace(answer):
        def describe(_, request, seconds):
            requests.append((request, seconds))
            return msgspec.convert(answer, Description)

        monkeypatch.setattr(Worker, "describe", describe)
        monkeypatch.setattr(user_file, "interpreter", lambda *_: (sys.executable, "--python"))
        Path("train.py").write_text("import torch\n")
        return requests

    return replace


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"status": "rejected", "place": "file", "reason": "KeyError: 'x', line 7"},
            "train.py: the file: found KeyError: 'x', line 7, expected a file that can be imported",
        ),
        (
            {"status": "rejected", "place": "expression", "reason": "NameError: name 'make'"},
            "train.py: make(): found NameError: name 'make', expected a scheduler",
        ),
        (
            {"status": "rejected", "place": "expression", "found": "int"},
            "train.py: make(): found int, expected a scheduler of PyTorch",
        ),
        (
            {"status": "timeout", "reason": "no answer within 120 s"},
            "train.py: the file: found no answer within 120 s, expected a file that trains only un",
        ),
        (
            {"status": "crashed", "reason": "the worker died (signal 11)"},
            "train.py: the file: found the worker died (signal 11), expected a file that can",
        ),
    ],
)
def test_an_error_in_the_framework_is_one_line(answer, message, answers, capsys):
    answers(answer)
    assert line(capsys, "train.py:make()").startswith(message)


def described(expression: str) -> dict:
    path = Path(__file__).parent.parent / "recorded_descriptions.jsonl"
    records = map(json.loads, path.read_text().splitlines())
    record = next(record for record in records if record["expression"] == expression)
    return {name: record[name] for name in record if name not in ("file", "expression")}


def test_the_recipe_is_printed_on_stdout_and_notes_on_stderr(answers, capsys):
    requests = answers(described("lr.NoamDecay(16, 10)"))
    assert run(["read", "train.py:make()"]) == 0
    printed = capsys.readouterr()
    noam = {"schedule": "noam", "base_lr": 1.0, "d_model": 16, "warmup_steps": 10}
    read = json.loads(printed.out)
    dialect, about = read.pop("dialect"), read.pop("about")["departs"]
    assert (read, dialect) == (noam, {"framework": "paddle", "version": PINNED["paddle"]})
    assert (about["first_step"], about["departures"][0]["id"]) == (0, "paddle-noam-from-zero")
    known = departures()["paddle-noam-from-zero"]
    assert printed.err.startswith(f"note: paddle {PINNED['paddle']} departs from the specification")
    assert f"note: paddle-noam-from-zero, from step 0: {known.cause}" in printed.err
    assert printed.err.endswith(f"{known.do}\n")
    assert requests[0][0]["read"] == {
        "path": str(Path("train.py").resolve()),
        "expression": "make()",
        "trusted": packages(),
    }
    assert run(["read", "--json", "--as-specified", "train.py: make()"]) == 0
    printed = capsys.readouterr()
    assert {**json.loads(printed.out), "about": None} == {**noam, "about": None}
    assert printed.out.count("\n") == 1
    assert "paddle-noam-from-zero" in printed.err


def test_the_output_of_read_is_input_of_trace(answers, capsys, monkeypatch):
    import io  # noqa: PLC0415

    answers(described("after(30, Cosine(optimizer(), 3, 4))"))
    assert run(["read", "train.py:make()"]) == 0
    text = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["trace", "-", "--steps", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "0\t0.1"


def test_the_path_of_an_error_in_a_scheduler_begins_with_the_expression(answers, capsys):
    answers(described("lrs.LambdaLR(optimizer(), from_a_table)"))
    assert line(capsys, "train.py:make()").startswith(
        "train.py: make().lr_lambdas: found from_a_table, expected a function that is a formula"
    )
