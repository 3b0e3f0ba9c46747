"""Epochs and configurations on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.cli.app import run

pytestmark = pytest.mark.every_python

STAIRS = {"schedule": "multistep", "base_lr": 0.1, "milestones": [3000, 6000]}
RESNET = """
Global:
  epochs: 120
Optimizer:
  name: Momentum
  lr:
    name: Cosine
    learning_rate: 0.1
    warmup_epoch: 5
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("stairs.json").write_text(json.dumps(STAIRS))
    Path("resnet.yaml").write_text(RESNET)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[str]]:
    code = run([*arguments])
    streams = capsys.readouterr()
    return code, streams.out, streams.err.splitlines()


def test_a_port_with_an_epoch_length_is_stepped_once_per_epoch(capsys):
    options = ["--updates-per-epoch", "100"]
    code, source, errors = printed(capsys, "port", "stairs.json", "--to", "torch", *options)
    assert code == 0
    assert "milestones=[30, 60]" in source
    assert "call scheduler.step() once per epoch, after its 100 updates." in source
    assert errors[0].startswith("not run: ")
    assert all(line.startswith("  ") for line in errors[1:])  # the certificate, and no more


def test_a_plain_function_counts_updates(capsys):
    options = ["--to", "numpy", "--updates-per-epoch", "100"]
    code, source, _ = printed(capsys, "port", "stairs.json", *options)
    assert code == 0
    assert "Return the rate of update t." in source
    assert "[3000, 6000]" in source


def test_a_schedule_that_changes_inside_an_epoch_is_ported_in_updates_with_a_warning(capsys):
    options = ["--updates-per-epoch", "700"]
    code, source, errors = printed(capsys, "port", "stairs.json", "--to", "torch", *options)
    assert code == 0
    assert "milestones=[3000, 6000]" in source
    assert errors[0].startswith("lrspec: warning: milestone at update 3,000 (and 1 more)")
    assert errors[1].startswith("lrspec: warning: the rate changes inside an epoch (")


def test_a_run_that_is_longer_than_its_schedule_gets_a_warning(capsys):
    """The mistake in the Paddle article: 7,820 updates for a horizon of 800."""
    name = "paddle-cosine-warmup"
    code, _, errors = printed(capsys, "port", name, "--to", "numpy", "--updates", "7820")
    assert code == 0
    assert errors[0].startswith(
        "lrspec: warning: the run of 7,820 updates is 9.8 times the schedule's"
    )


def test_a_configuration_is_read(capsys):
    options = ["--format", "paddleclas", "--updates-per-epoch", "5005", "--json"]
    code, recipe, errors = printed(capsys, "read", "resnet.yaml", *options)
    assert (code, errors) == (0, [])
    document = json.loads(recipe)
    assert (document["schedule"], document["warmup_steps"]) == ("linear_warmup", 5 * 5005)
    assert document["after"]["T_max"] == 115 * 5005


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "paddleclas"], "--updates-per-epoch: found nothing, expected the updates"),
        (["--format", "keras"], "--format: found keras, expected one of paddleclas"),
        (
            ["--format", "paddleclas", "--backend", "torch"],
            "--backend: cannot be combined with --format",
        ),
        (["--epochs", "9"], "--epochs: found 9, expected a configuration, with --format"),
        (["--format", "transformers"], "resnet.yaml: "),
    ],
)
def test_incompatible_options_are_one_line(capsys, arguments, message):
    code, out, errors = printed(capsys, "read", "resnet.yaml", *arguments)
    assert (code, out, len(errors)) == (2, "", 1)
    assert errors[0].startswith(f"lrspec: {message}")


def test_trace_is_as_long_as_the_run_and_warns(capsys):
    code, out, errors = printed(capsys, "trace", "paddle-cosine-warmup", "--updates", "900")
    assert (code, len(out.splitlines())) == (0, 900)
    assert errors == [
        (
            "lrspec: warning: the run of 900 updates is 1.1 times the schedule's horizon of 800; "
            "after it: the rate rises again; the curve has period 2 · T_max"
        )
    ]


def test_plot_warns_of_a_boundary_inside_an_epoch(capsys):
    options = ["-o", "curve.svg", "--updates-per-epoch", "3000", "--steps", "9"]
    code, _, errors = printed(capsys, "plot", "bert", *options)
    assert code == 0
    warned = "lrspec: warning: end of the warmup at update 10,000 falls inside epoch 3"
    assert warned in "\n".join(errors)
    assert Path("curve.svg").exists()
