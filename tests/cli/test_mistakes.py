"""A hundred plausible mistakes: each is one line and exit 2, and names what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.cli.app import run

COSINE = {"schedule": "cosine_annealing", "base_lr": 0.1, "T_max": 100}
WARMUP = {"schedule": "linear_warmup", "base_lr": 0.1, "warmup_steps": 10}
STEP = {"schedule": "step", "base_lr": 0.1, "step_size": 30}
MULTISTEP = {"schedule": "multistep", "base_lr": 0.1, "milestones": [30, 60]}
ONE_CYCLE = {"schedule": "one_cycle", "base_lr": 0.1, "max_lr": 1, "total_steps": 100}
PLATEAU = {"schedule": "reduce_on_plateau", "base_lr": 0.1}
RESTARTS = {"schedule": "cosine_warm_restarts", "base_lr": 0.1, "T_0": 10}
POLYNOMIAL = {"schedule": "polynomial", "base_lr": 0.1, "total_iters": 10}

#: Names of schedules elsewhere, and the one that is meant.
SCHEDULES = {
    "CosineAnnealingLR": "cosine_annealing",
    "torch.optim.lr_scheduler.StepLR": "step",
    "MultiStepLR": "multistep",
    "ExponentialLR": "exponential",
    "ReduceLROnPlateau": "reduce_on_plateau",
    "ReduceOnPlateau": "reduce_on_plateau",
    "OneCycleLR": "one_cycle",
    "onecycle": "one_cycle",
    "1cycle": "one_cycle",
    "CosineAnnealingWarmRestarts": "cosine_warm_restarts",
    "SGDR": "cosine_warm_restarts",
    "CosineAnnealingDecay": "cosine_annealing",
    "PiecewiseDecay": "piecewise_constant",
    "NoamDecay": "noam",
    "transformer": "noam",
    "LambdaLR": "lambda",
    "LambdaDecay": "lambda",
    "PolynomialLR": "polynomial",
    "poly": "polynomial",
    "WarmupLR": "linear_warmup",
    "warmup": "linear_warmup",
    "get_linear_schedule_with_warmup": "linear_warmup",
    "cosine": "cosine_annealing",
    "CosineLRScheduler": "cosine_annealing",
    "cosine-annealing": "cosine_annealing",
    "Cosine_Annealing": "cosine_annealing",
    "CyclicLR": "cyclic",
    "triangular2": "cyclic",
    "exp": "exponential",
    "ExponentialDecay": "exponential",
    "InverseTimeDecay": "inverse_time",
    "inverse_square_root": "inverse_sqrt",
    "SequentialLR": "sequential",
    "ChainedScheduler": "chained",
    "plateau": "reduce_on_plateau",
    "const": "constant",
    "cosine_anealing": "cosine_annealing",
    "multi_step": "multistep",
}
#: A recipe, the key or value that is wrong in it, and what is meant.
KEYS = [
    (COSINE, {"t_max": 5}, "T_max"),
    (COSINE, {"min_lr": 0.01}, "eta_min"),
    (COSINE, {"learning_rate": 0.1}, "base_lr"),
    (COSINE, {"lr": 0.1}, "base_lr"),
    (COSINE, {"decay_steps": 5}, "T_max"),
    (COSINE, {"num_training_steps": 5}, "T_max"),
    (COSINE, {"total_steps": 5}, "T_max"),
    (COSINE, {"etamin": 0}, "eta_min"),
    (COSINE, {"initial_learning_rate": 0.1}, "base_lr"),
    (COSINE, {"end_lr": 0}, "eta_min"),
    (COSINE, {"comment": "mine"}, "about"),
    (WARMUP, {"num_warmup_steps": 5}, "warmup_steps"),
    (WARMUP, {"warmup_iters": 5}, "warmup_steps"),
    (WARMUP, {"lr_after": 0.1}, "after"),
    (WARMUP, {"warmup_init_lr": 0.1}, "start_lr"),
    (STEP, {"decay_rate": 0.5}, "gamma"),
    (STEP, {"lr_decay": 0.5}, "gamma"),
    (STEP, {"stepsize": 3}, "step_size"),
    (STEP, {"decay_epochs": 3}, "step_size"),
    (MULTISTEP, {"steps": [30]}, "milestones"),
    (MULTISTEP, {"boundaries": [30]}, "milestones"),
    (ONE_CYCLE, {"pct": 0.3}, "pct_start"),
    (ONE_CYCLE, {"peak_lr": 1}, "max_lr"),
    (ONE_CYCLE, {"anneal_strategy": "cosine"}, "cos"),
    (PLATEAU, {"mode": "minimum"}, "min"),
    (PLATEAU, {"gamma": 0.5}, "factor"),
    (PLATEAU, {"min_delta": 0.5}, "threshold"),
    (PLATEAU, {"eta_min": 0.5}, "min_lr"),
    (RESTARTS, {"t_mul": 2}, "T_mult"),
    (RESTARTS, {"cycle_mult": 2}, "T_mult"),
    (POLYNOMIAL, {"degree": 2}, "power"),
    (POLYNOMIAL, {"end_learning_rate": 0}, "end_lr"),
    ({"type": "step", "base_lr": 0.1, "step_size": 30}, {}, "schedule"),
    ({"name": "StepLR", "base_lr": 0.1}, {}, "schedule"),
]
#: A recipe, the value that is wrong in it, and the words that say what is wrong.
VALUES = [
    (COSINE, {"base_lr": "0.1"}, 'the string "0.1" (a number has no quotes)'),
    (COSINE, {"T_max": "100"}, 'the string "100" (a number has no quotes)'),
    (MULTISTEP, {"milestones": 30}, "such as [30]"),
    (COSINE, {"last_epoch": -1}, "a recipe starts at step 0"),
    (COSINE, {"optimizer": "SGD"}, "a recipe has no optimizer"),
    (COSINE, {"warmup_steps": 10}, "is a parameter of constant_warmup"),
    ({"schedule": "step", "base_lr": 0.1}, {}, "`step_size` is required"),
    ({"schedule": "step", "step_size": 3}, {}, "`base_lr` is required"),
]
#: Arguments, and what is meant.
ARGUMENTS = {
    "trace one-sentense": "one-sentence",
    "trace berts": "bert",
    "trace cosine.jsn": "cosine.json",
    "trace cosinus.json": "cosine.json",
    "trace cosine_annealing": "lrspec list cosine_annealing",
    "check train.py": "train.py:make()",
    "conform train.py:make()": "lrspec read 'train.py:make()'",
    "conform one-sentence --backend pytorch": "torch",
    "conform one-sentence --backend Paddle": "paddle",
    "port one-sentence --to paddlepaddle": "paddle",
    "port one-sentence --to PyTorch": "torch",
    "trace one-sentence --as pytorch==2.0": "torch",
    "doctor --python pytorch=/bin/python": "torch",
    "conform one-sentence --scenario resume": "resume_state",
    "list CosineAnnealingLR": "cosine_annealing",
    "read train.py:make() --format PaddleClass": "paddleclas",
    "chek one-sentence": "check",
    "test one-sentence": "conform",
    "convert one-sentence": "port",
    "draw one-sentence": "plot",
}


def message(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line that the mistaken *arguments* print."""
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def test_at_least_ninety_of_a_hundred_mistakes_name_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("def make(): ...")
    Path("cosine.json").write_text(json.dumps(COSINE))
    recipes = [
        ({"schedule": name, "base_lr": 0.1}, f"`{kind}`") for name, kind in SCHEDULES.items()
    ]
    recipes += [({**recipe, **wrong}, f"`{meant}`") for recipe, wrong, meant in KEYS]
    recipes += [({**recipe, **wrong}, meant) for recipe, wrong, meant in VALUES]
    answers = []
    for recipe, meant in recipes:
        Path("wrong.json").write_text(json.dumps(recipe))
        question = message(capsys, "trace", "wrong.json").partition(": ")[2]
        answers.append((recipe, question.rpartition("; did you mean")[2], meant))
    Path("wrong.json").unlink()
    for arguments, meant in ARGUMENTS.items():
        quoted = meant if " " in meant or ":" in meant else f"`{meant}`"
        answers.append((arguments, message(capsys, *arguments.split()), quoted))
    assert len(answers) == 100
    unnamed = [(mistake, answer) for mistake, answer, meant in answers if meant not in answer]
    assert len(unnamed) <= 10, unnamed
