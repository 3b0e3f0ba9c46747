"""`lrspec read`: whatever is wrong is one line and exit 2, and no framework is needed to say so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from lrspec.bindings.backend import packages
from lrspec.cli.app import run
from lrspec.importers import user_file
from lrspec.runtime.process import Worker

KNOWN = ", ".join(packages())
NOWHERE = ["--python", "torch=/no/such/python"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def line(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["read", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("lrspec: ").rstrip()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("for torch", "train.py: line 1: found "),
        ("a\0b", "train.py: "),
        ("", f"train.py: the file: found no import of {KNOWN}, expected one framework"),
        ("import torch, paddle", "train.py: the file: found imports of torch and paddle, expected"),
        ("from torchvision import x", f"train.py: the file: found no import of {KNOWN}, expected"),
        ("from .torch import x", f"train.py: the file: found no import of {KNOWN}, expected"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(text: str, said: str, capsys):
    Path("train.py").write_text(text)
    assert line(capsys, "train.py:make()").startswith(said)


@pytest.mark.parametrize(
    ("argument", "said"),
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
def test_an_argument_that_names_no_expression_in_a_file_is_refused(argument, said, capsys):
    Path("train.py").write_text("import torch\n")
    assert line(capsys, argument).startswith(said)


def test_a_file_of_text_is_no_python(capsys):
    Path("notes.txt").write_text("Warm up for ten steps.\n")
    assert line(capsys, "notes.txt:make()").startswith("notes.txt: line 1: found invalid syntax")


def test_an_absent_interpreter_is_named(capsys):
    Path("train.py").write_text("import torch\n")
    assert line(capsys, "train.py:make()", *NOWHERE) == (
        "--python torch names no interpreter: /no/such/python"
    )


def test_an_unknown_backend_is_refused(capsys):
    Path("train.py").write_text("")
    assert line(capsys, "train.py:make()", "--backend", "jax").startswith("--backend: found jax")


def test_the_help_says_that_the_file_is_run(capsys):
    assert run(["read", "--help"]) == 0
    assert "FILE.py is run, as any import runs it" in capsys.readouterr().out


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch):
    """Let the worker answer what it is told to, and note what it is asked."""
    asked = []

    def tell(answer):
        def request(_, question, seconds):
            asked.append((question, seconds))
            return answer

        monkeypatch.setattr(Worker, "request", request)
        monkeypatch.setattr(user_file, "interpreter", lambda *_: (sys.executable, "told"))
        Path("train.py").write_text("import torch\n")
        return asked

    return tell


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            {"status": "rejected", "place": "file", "reason": "KeyError: 'x', line 7"},
            "train.py: the file: found KeyError: 'x', line 7, expected a file that runs, as an imp",
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
            "train.py: the file: found no answer within 120 s, expected a file whose training sta",
        ),
        (
            {"status": "crashed", "reason": "the worker died (signal 11)"},
            "train.py: the file: found the worker died (signal 11), expected a file that runs",
        ),
    ],
)
def test_what_goes_wrong_in_the_framework_is_one_line(answer, said, answers, capsys):
    answers(answer)
    assert line(capsys, "train.py:make()").startswith(said)


def described(expression: str) -> dict:
    path = Path(__file__).parent.parent / "recorded_descriptions.jsonl"
    records = map(json.loads, path.read_text().splitlines())
    return next(record for record in records if record["expression"] == expression)


def test_a_recipe_goes_to_standard_output_and_what_is_to_be_known_to_standard_error(
    answers, capsys
):
    asked = answers(described("lr.NoamDecay(16, 10)"))
    assert run(["read", "train.py:make()"]) == 0
    printed = capsys.readouterr()
    noam = {"schedule": "noam", "base_lr": 1.0, "d_model": 16, "warmup_steps": 10}
    assert json.loads(printed.out) == noam
    assert printed.err.startswith("note: NoamDecay departs from the specification: at step 0")
    assert asked[0][0]["read"] == {
        "path": str(Path("train.py").resolve()),
        "expression": "make()",
        "trusted": packages(),
    }
    assert run(["read", "--json", "train.py: make()"]) == 0
    assert capsys.readouterr().out == json.dumps(noam) + "\n"


def test_what_was_read_can_be_piped_on(answers, capsys, monkeypatch):
    import io  # noqa: PLC0415

    answers(described("after(30, Cosine(optimizer(), 3, 4))"))
    assert run(["read", "train.py:make()"]) == 0
    text = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["trace", "-", "--steps", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "0\t0.1"


def test_a_place_inside_a_scheduler_is_named_from_the_expression(answers, capsys):
    answers(described("lrs.LambdaLR(optimizer(), from_a_table)"))
    assert line(capsys, "train.py:make()").startswith(
        "train.py: make().lr_lambdas: found from_a_table, expected a function that is a formula"
    )
