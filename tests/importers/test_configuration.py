"""Configurations as files: their formats, and files that are not configurations."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lrspec.errors import BadInput
from lrspec.importers.configuration import FORMATS, read_config
from lrspec.yaml_input import parse_yaml_1_1

pytestmark = pytest.mark.every_python


def test_there_is_a_format_per_project():
    assert list(FORMATS) == ["paddleclas", "paddledetection", "transformers"]


def test_an_unknown_format_is_one_line():
    with pytest.raises(BadInput, match="--format: found timm, expected one of paddleclas"):
        read_config("x.yaml", "timm")


def test_a_missing_file_is_one_line(tmp_path: Path):
    path = tmp_path / "no.yaml"
    with pytest.raises(BadInput) as caught:
        read_config(path, "paddleclas")
    assert str(caught.value) == f"{path}: $: found no such file or directory, expected a file"


def test_a_configuration_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch):
    import io  # noqa: PLC0415

    content = b"Optimizer: {lr: {learning_rate: 0.5}}"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_config("-", "paddleclas").bases == (0.5,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "line 1, column 5: found invalid YAML (expected the node content, but found"),
        (b"a: 1\na: 2", "line 2: found the key 'a' twice, expected each key once"),
        (b"a: &a {x: 1}\nb: {<<: *a}", "line 2: found a merge key <<, expected its keys, written out"),
        (b"a: !!python/object/apply:os.getcwd []", "line 1, column 4: found invalid YAML (could not determine a"),
        (b"a: &a [*a]", "line 1, column 4: found invalid YAML (found unconstructable recursive node)"),
        (b"\xff\xfe\xff", "$: found bytes that are not UTF-8, expected YAML"),
        (b"[" * 100_000, "$: found deep nesting"),
        (b"a: 2020-99-99", "$: found deep nesting or an invalid value, expected YAML"),
        (b"a: !X text", "line 1: found !X before a scalar or list"),
        (b"a: !X [1]", "line 1: found !X before a scalar or list"),
    ],
)  # fmt: skip
def test_invalid_yaml_is_one_line(content: bytes, message: str):
    with pytest.raises(BadInput) as caught:
        parse_yaml_1_1(content)
    assert str(caught.value).startswith(message)


def test_a_tag_is_the_name_of_its_mapping():
    assert parse_yaml_1_1(b"[!A {x: 1}, !B , {name: C}]") == [
        {"x": 1, "name": "A"},
        {"name": "B"},
        {"name": "C"},
    ]


def test_nested_aliases_take_no_exponential_time(tmp_path: Path):
    lines = [
        "a0: &a0 [1, 1]",
        *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 25)),
    ]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join([*lines, "Optimizer: {lr: {learning_rate: *a24}}"]))
    start = time.perf_counter()
    with pytest.raises(BadInput, match="learning_rate: found a list of 9 items, expected a number"):
        read_config(path, "paddleclas")
    assert time.perf_counter() - start < 5
