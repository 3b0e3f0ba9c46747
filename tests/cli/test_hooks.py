"""The pre-commit hook and the GitHub action run commands that exist."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lrspec import resources
from lrspec.cli.app import command as command_named

ROOT = resources.root()


def test_the_hook_runs_a_check():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, command, *arguments = shlex.split(hook["entry"])
    assert (program, command) == ("lrspec", "check")
    context = command_named("check").make_context("check", [*arguments, "train.py:make()"])
    assert context.params["target"] == "train.py:make()"
    assert hook["pass_filenames"] is False


@pytest.mark.skipif(os.name == "nt", reason="the action runs bash")
@pytest.mark.parametrize("steps", ["", "7"])
def test_the_action_passes_its_inputs_as_they_are(steps: str, tmp_path: Path):
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = action["runs"]["steps"][-1]
    assert set(step["env"]) == {"TARGET", "STEPS"}
    lrspec = tmp_path / "lrspec"
    lrspec.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n")
    lrspec.chmod(0o755)
    target = 'train.py:make("$(touch x)")'
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TARGET": target, "STEPS": steps}
    command = ["bash", "-ec", step["run"]]
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    more = ["--steps", "7"] if steps else []
    assert ended.stdout.strip() == repr(["check", "--color", "always", *more, "--", target])
    assert not (tmp_path / "x").exists()
