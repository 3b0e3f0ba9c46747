"""Logs of rates: what training scripts write is read, and anything else is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec.errors import BadInput
from lrspec.importers.rate_log import is_log, read_log

pytestmark = pytest.mark.every_python


def read(tmp_path: Path, text: str, name: str = "log.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    log = read_log(path)
    return log.steps.tolist(), log.rates.tolist()


@pytest.mark.parametrize(
    ("name", "text", "steps", "rates"),
    [
        ("a.csv", "0.5\n0.25\n", [0, 1], [[0.5], [0.25]]),
        ("a.csv", "lr\n0.5\n0.25\n", [0, 1], [[0.5], [0.25]]),
        ("a.csv", "step,lr\n3,0.5\n7,0.25\n", [3, 7], [[0.5], [0.25]]),
        ("a.csv", "loss,train/lr,global_step\n9,0.5,3\n8,0.25,7\n", [3, 7], [[0.5], [0.25]]),
        ("a.csv", "epoch,learning_rate\n1,1e-3\n1,1e-4\n", [0, 1], [[1e-3], [1e-4]]),
        ("a.csv", "lr_0,lr_1\n1,0.1\n0.5,0.05\n", [0, 1], [[1, 0.1], [0.5, 0.05]]),
        ("a.csv", "1,0.1\n0.5,0.05\n", [0, 1], [[1, 0.1], [0.5, 0.05]]),
        ("a.csv", "\ufefflr\r\n0.5\r\n\r\n0.25\r\n", [0, 1], [[0.5], [0.25]]),
        ("a.tsv", "0\t1.0\t0.5\n1\t0.5\t0.25\n", [0, 1], [[1.0, 0.5], [0.5, 0.25]]),
        ("a.jsonl", "0.5\n\n0.25\n", [0, 1], [[0.5], [0.25]]),
        ("a.jsonl", "[0.5, 1]\n[0.25, 2]\n", [0, 1], [[0.5, 1], [0.25, 2]]),
        ("a.jsonl", '{"step": 2, "loss": 1, "lr": 0.5}\n', [2], [[0.5]]),
        ("a.ndjson", '{"learning_rate": [0.5, 0.05], "t": 4}\n', [4], [[0.5, 0.05]]),
    ],
)
def test_a_log_is_read(tmp_path: Path, name: str, text: str, steps: list, rates: list):
    assert read(tmp_path, text, name) == (steps, rates)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "found no rates"),
        ("a.csv", "lr\n", "found no rates"),
        ("a.csv", "loss\n0.5\n", "line 2: found no rate"),
        ("a.csv", "lr\n0.5\nfast\n", "line 3: found fast"),
        (
            "a.csv",
            "1,0.1\n0.5\n",
            "line 2: found rates: 1, expected 2 of them, as in the first line",
        ),
        ("a.csv", "step,lr\n3,1\n3,1\n", "line 3: found the step 3, expected whole steps"),
        ("a.csv", "step,lr\n1.5,1\n", "line 2: found the step 1.5, expected whole steps"),
        ("a.csv", "step,lr\n-1,1\n", "line 2: found the step -1, expected whole steps"),
        ("a.csv", "step,lr\none,1\n", "line 2: found the step one, expected whole steps"),
        ("a.jsonl", "0.5\nno JSON\n", "line 2: found no JSON"),
        ("a.jsonl", "[" * 100_000, "line 1: found no JSON"),
        ("a.jsonl", '{"loss": 1}\n', "line 1: found no rate"),
        ("a.jsonl", "true\n", "line 1: found True"),
        ("a.jsonl", '{"lr": {"a": 1}}\n', "line 1: found {'a': 1}"),
    ],
)
def test_what_is_not_a_log_is_rejected_with_its_line(tmp_path, name: str, text: str, message: str):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text, name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert message in str(caught.value)


def test_bytes_that_are_no_text_and_a_missing_file_are_rejected(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe0")
    with pytest.raises(BadInput, match="bytes that are not UTF-8"):
        read_log(tmp_path / "a.csv")
    with pytest.raises(BadInput, match="no such file"):
        read_log(tmp_path / "none.csv")


@pytest.mark.parametrize(("name", "log"), [("a.CSV", True), ("a.jsonl", True), ("a.json", False)])
def test_a_log_is_recognized_by_the_ending_of_its_name(name: str, log):
    assert is_log(Path(name)) is log
