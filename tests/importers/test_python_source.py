"""A file that is not run: its constructor calls become the recipe, anything else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of
from lrspec.errors import BackendAbsent, BadInput
from lrspec.importers.python_source.source import describe_source
from lrspec.importers.scheduler import of_description
from lrspec.importers.user_file import of_file

TORCH = """\
import argparse
import math
from math import cos, pi

import torch
from torch.optim import SGD
from torch.optim import lr_scheduler as lrs

EPOCHS = 10 * 3
WARMUP = int(0.1 * EPOCHS)
args = argparse.ArgumentParser().parse_args()
model = torch.nn.Linear(1, 1)


def make_optimizer(lr=0.1):
    return SGD(model.parameters(), lr=lr, momentum=0.9)


def make(lr=0.1, *, warmup=WARMUP):
    '''Return a cosine after a warmup.'''
    optimizer = make_optimizer(lr)
    first = lrs.LinearLR(optimizer, 1 / 3, total_iters=warmup)
    then = lrs.CosineAnnealingLR(optimizer, EPOCHS - warmup)
    return lrs.SequentialLR(optimizer, [first, then], milestones=[warmup])


def grouped():
    groups = [{"params": [model.weight], "lr": 0.01}, {"params": [model.bias]}]
    return lrs.ExponentialLR(torch.optim.Adam(groups, lr=0.1), -(-0.5))


def by_lambda():
    half = EPOCHS // 2
    return lrs.LambdaLR(make_optimizer(), lambda t: (1 + cos(pi * t / half)) / 2)


def from_arguments():
    return lrs.StepLR(make_optimizer(args.lr), 3)


def looped():
    scheduler = lrs.StepLR(make_optimizer(), 3)
    for _ in range(3):
        scheduler.step()
    return scheduler


def own_groups():
    return lrs.StepLR(SGD(split(model), lr=0.1), 3)


class Mine(lrs.StepLR):
    def get_lr(self):
        return [1.0]


optimizer = make_optimizer()
stepped = lrs.StepLR(optimizer, 3)
same = stepped


def train():
    same.step()


train()
untouched = lrs.StepLR(make_optimizer(), 3)
if __name__ == "__main__":
    untouched.step()
"""
STEP = {"schedule": "step", "base_lr": 0.1, "step_size": 3, "gamma": 0.1}
READ = {
    "make()": {
        "schedule": "sequential",
        "base_lr": 0.1,
        "schedules": [
            {
                "schedule": "linear",
                "start_factor": 0.3333333333333333,
                "end_factor": 1.0,
                "total_iters": 3,
            },
            {"schedule": "cosine_annealing", "T_max": 27, "eta_min": 0.0},
        ],
        "milestones": [3],
    },
    "grouped()": {"schedule": "exponential", "base_lr": [0.01, 0.1], "gamma": 0.5},
    "by_lambda()": {
        "schedule": "lambda",
        "base_lr": 0.1,
        "factor": "(1 + cos(3.141592653589793 * t / 15)) / 2",
    },
    "untouched": STEP,
    "lrs.StepLR(make_optimizer(lr=0.1), 1 + 2, gamma=10**-1)": STEP,
}
REFUSED = {
    "from_arguments()": "train.py:11: found a call of argparse.ArgumentParser().parse_args",
    "looped()": "train.py:43: found for _ in range(3):",
    "own_groups()": "train.py:49: found a call of split, which may be several parameter groups",
    "Mine(optimizer, 3)": "train.py:52: found class Mine(lrs.StepLR):",
    "stepped": "train.py:66: found train()",
    "lrs.StepLR(optimizer)": "train.py: lrs.StepLR(optimizer): found StepLR, which raises TypeError",
    "lrs.StepLR(make_optimizer(), 3 if EPOCHS else 4)": "found 3 if EPOCHS else 4, expected",
    "lrs.StepLR(make_optimizer(), 9**9**9)": "found 9 ** 9 ** 9 (too large a number)",
    "lrs.StepLR(make_optimizer(), 1 // 0)": "found 1 // 0 (",
    "lrs.LambdaLR(optimizer, print)": "found the name print",
    "lrs.LambdaLR(make_optimizer(), lambda t: open(t))": "no formula of the step",
    "make(2, 3)": "a call of make with these arguments",
    "make_optimizer()": "found Optimizer, expected a scheduler of PyTorch",
    "lrs.StepLR": "found a class, expected a scheduler of PyTorch",
}


@pytest.mark.parametrize("expression", READ)
def test_constructor_calls_are_read_without_running_the_file(expression: str):
    description = describe_source(TORCH, expression, backend_of("torch"), "train.py")
    assert of_description(description).recipe.to_dict() == READ[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_anything_else_is_refused_by_name_and_line(expression: str):
    with pytest.raises(BadInput) as refused:
        describe_source(TORCH, expression, backend_of("torch"), "train.py")
    assert REFUSED[expression] in str(refused.value)


def test_a_scheduler_without_an_optimizer_is_read():
    text = "from paddle.optimizer.lr import *\nimport paddle\nrate = 0.5\n"
    expression = (
        "paddle.optimizer.lr.LinearWarmup(paddle.optimizer.lr.StepDecay(rate, 3), 4, 0, rate)"
    )
    description = describe_source(text, expression, backend_of("paddle"), "train.py")
    recipe = of_description(description).recipe.to_dict()
    assert (recipe["schedule"], recipe["warmup_steps"], recipe["end_lr"]) == (
        "linear_warmup",
        4,
        0.5,
    )
    assert recipe["after"] == {"schedule": "step", "step_size": 3, "gamma": 0.1}


def test_the_rates_are_those_that_the_dialect_predicts():
    expression = "lrs.LinearLR(make_optimizer(), total_iters=2)"
    description = describe_source(TORCH, expression, backend_of("torch"), "train.py")
    assert description["ahead"][:3] == [[pytest.approx(0.1 / 3)], [pytest.approx(0.2 / 3)], [0.1]]


@pytest.fixture
def train(tmp_path: Path) -> str:
    path = tmp_path / "train.py"
    path.write_text(TORCH + "\nraise SystemExit('it was run')\n", encoding="utf-8")
    return f"{path}:untouched"


def test_a_file_is_not_run_if_that_is_asked_for(train: str):
    read = of_file(train, None, None, static=True)
    assert read.recipe.about == {"rates": "as predicted by the dialect of PyTorch 2.13.0"}
    assert read.predicted_by == "2.13.0"
    assert read.notes[0].endswith(
        "was not run (--static): its rates are as predicted by the dialect of PyTorch 2.13.0"
    )


def test_a_file_is_not_run_where_the_framework_is_missing(train: str, monkeypatch):
    monkeypatch.setenv("LRSPEC_TORCH_PYTHON", "/nowhere/python")
    read = of_file(train, None, None)
    assert read.recipe.to_dict() | {"about": None} == {**STEP, "about": None}
    assert "(no interpreter at /nowhere/python" in read.notes[0]


def test_an_interpreter_that_is_named_and_missing_is_an_error(train: str):
    with pytest.raises(BackendAbsent, match="/nowhere/python"):
        of_file(train, None, {"torch": "/nowhere/python"})


SEVERAL = """\
import torch
from torch.optim.lr_scheduler import *

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
step = StepLR(optimizer, 3)
exponential = ExponentialLR(optimizer, 0.9)
by_lambda = LambdaLR(optimizer, lambda t: 0.5**t)
other = StepLR(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1), 3)


def built_inside():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    step = StepLR(optimizer, 3)
    return ExponentialLR(optimizer, 0.9)
"""


def several(expression: str):
    return of_description(describe_source(SEVERAL, expression, backend_of("torch"), "train.py"))


def test_a_list_of_schedulers_is_read_as_a_chain():
    recipe = several("[step, exponential]").recipe
    assert recipe.kind == "chained"
    assert [member.kind for member in recipe.members()] == ["step", "exponential"]


def test_a_scheduler_that_a_later_one_overwrites_is_left_out_and_named():
    read = several("[step, by_lambda]")
    assert read.recipe.kind == "lambda"
    assert "StepLR has no effect: LambdaLR, stepped after it" in read.notes[-1]


def test_one_of_several_schedulers_has_a_note_that_names_the_others():
    (note,) = several("step").notes
    assert "ExponentialLR (exponential) and LambdaLR (by_lambda), beside" in note
    assert several("other").notes == ()


def test_a_scheduler_that_a_function_builds_and_does_not_return_is_named():
    (note,) = several("built_inside()").notes
    assert "the optimizer has another scheduler, StepLR, beside" in note


def test_schedulers_of_two_optimizers_are_no_list_to_read():
    with pytest.raises(BadInput, match="not on one optimizer"):
        several("[step, other]")
