"""`lrspec check` of a training script, in PyTorch itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec import resources
from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run
from lrspec.runtime.interpreter import interpreter

SCRIPT = """
import torch
from torch.optim import lr_scheduler


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def cosine():
    return lr_scheduler.CosineAnnealingLR(optimizer(), T_max=20)


def chained():
    one = optimizer()
    members = [
        lr_scheduler.CosineAnnealingLR(one, T_max=20),
        lr_scheduler.MultiStepLR(one, [1, 2, 3], 0.1),
    ]
    return lr_scheduler.ChainedScheduler(members)


def train():
    scaler = torch.amp.GradScaler()
"""


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python, _ = interpreter(backend_of("torch"))
    monkeypatch.setenv("LRSPEC_TORCH_PYTHON", python)
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(SCRIPT)


def test_a_scheduler_that_is_right(capsys):
    assert run(["check", "train.py:cosine()", "--steps", "20"]) == 0
    screen = capsys.readouterr().out
    assert "uses the specified rates" in screen
    assert "Saving and loading is safe at steps 9, 10 and 11, in this order: " in screen
    assert "! GradScaler (line 24): " in screen
    assert "Not installed" not in screen


def test_a_scheduler_that_departs(capsys):
    assert run(["check", "train.py:chained()", "--steps", "41"]) == 1
    screen = " ".join(capsys.readouterr().out.split())
    assert "At step 21 it uses 0.00615583 where the specification has 6.15583e-06" in screen
    assert "Why: One step after T_max the recursion of CosineAnnealingLR adds" in screen
    assert "Instead: Multiply the curves in one LambdaLR." in screen


def test_a_scheduler_of_the_suite(capsys):
    path = resources.root() / "conformance" / "user_files" / "train_torch.py"
    assert run(["check", f"{path}:Warmed(optimizer(), 10, 100)"]) == 0
    assert "✓ PyTorch" in capsys.readouterr().out
