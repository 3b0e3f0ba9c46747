"""Recipes as files: JSON, and YAML by the rules of YAML 1.2."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lrspec.errors import BadInput
from lrspec.spec.recipe import load

YAML = """
schedule: linear_warmup   # a comment
base_lr: 1e-3
warmup_steps: 010
after:
  schedule: multistep
  milestones: [30, 60]
  gamma: .5
"""


def test_a_yaml_recipe_is_read_by_yaml_1_2(tmp_path: Path):
    path = tmp_path / "recipe.yaml"
    path.write_text(YAML)
    assert load(path).to_dict() == {
        "schedule": "linear_warmup",
        "base_lr": 0.001,
        "warmup_steps": 10,
        "after": {"schedule": "multistep", "milestones": [30, 60], "gamma": 0.5},
    }


def test_yaml_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(YAML.encode())))
    assert load("-").base_lr == (0.001,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('schedule: step\nbase_lr: "0.1"\nstep_size: 3', '$.base_lr: found the string "0.1"'),
        ("schedule: cyclic\nbase_lr: 1\nmax_lr: 2\ncycle_momentum: yes", '"yes", expected true or'),
        ("a: &a [1]\nb: *a", "line 2: found the alias *a, expected its value, written out"),
        ("b: {<<: {x: 1}}", "line 1: found a merge key <<"),
        ("a: 1\na: 2", "line 2: found the key 'a' twice"),
        ("a: !!python/object/apply:os.getcwd []", "line 1, column 4: found invalid YAML"),
        ("a: [", "line 1, column 5: found invalid YAML"),
    ],
)
def test_invalid_yaml_is_rejected_at_its_place(text: str, message: str, tmp_path: Path):
    path = tmp_path / "recipe.yml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
