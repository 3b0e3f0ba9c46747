"""A scheduler in a file where a recipe may be given, without its framework."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.cli.app import run

SCRIPT = """
import torch
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, MultiStepLR

def make():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    cosine = CosineAnnealingLR(optimizer, T_max=4)
    return ChainedScheduler([cosine, MultiStepLR(optimizer, milestones=[2], gamma=0.1)])

def plain():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    return CosineAnnealingLR(optimizer, T_max=4)
"""
STEP_5 = "0.146446609406726"


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(SCRIPT)


def test_trace_prints_the_rates_of_the_framework(capsys):
    assert run(["trace", "train.py:make()", "--steps", "6"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].startswith(f"5\t{STEP_5}")
    assert printed.err.startswith("note: train.py:make(): train.py was not run (")


def test_plot_draws_the_rates_of_the_framework(capsys):
    assert run(["plot", "train.py:make()", "train.py:plain()", "--steps", "9"]) == 0
    drawn, _, others = capsys.readouterr().out.partition("train.py:plain()\n")
    assert drawn.splitlines()[1].rstrip().endswith("█")  # the rate returns to the base rate
    assert "train.py:plain() minus train.py:make()" in others


def test_a_plot_ends_where_the_framework_raises(capsys):
    cycle = {"schedule": "one_cycle", "max_lr": 1, "total_steps": 10}
    cycle["dialect"] = {"framework": "torch", "version": "2.13.0"}
    Path("cycle.json").write_text(json.dumps(cycle))
    assert run(["plot", "cycle.json", "--steps", "30"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("cycle.json: steps 0 to 10 (--steps)\nlrspec: cycle.json: step 11: torch")


def test_check_reads_the_file_where_the_framework_is_absent(capsys):
    assert run(["check", "train.py:make()"]) == 1
    screen = " ".join(capsys.readouterr().out.split())
    assert "✗ Nothing was run: no interpreter at /no/such/python (from LRSPEC_TORCH_" in screen
    assert (
        "predicted for torch 2.13.0: not the specified rates. At step 5 it uses 0.146447" in screen
    )
    assert "Instead: Multiply the curves in one LambdaLR." in screen
    assert run(["check", "train.py:plain()"]) == 1
    assert "predicted for torch 2.13.0: the specified rates." in capsys.readouterr().out


def test_check_covers_the_schedule_and_read_looks_past_its_end(capsys):
    run(["check", "train.py:make()"])
    screen = " ".join(capsys.readouterr().out.split())
    assert "1 of 6 updates differ, by up to 0.132 of the peak" in screen
    run(["read", "train.py:make()", "--json"])
    printed = capsys.readouterr()
    departs = json.loads(printed.out)["about"]["departs"]
    assert (departs["first_step"], departs["max_rel_error"]) == (5, pytest.approx(0.9))
    extent = f"up to 0.9 of the peak (compared up to step {departs['steps'] - 1})"
    assert extent in printed.err
    assert departs["steps"] > 2 * 4  # the cosine is back at its peak, and has lost the decay
