"""PyTorch's own test helper accepts a StepLR as an ExponentialLR; lrspec distinguishes them.

`TestLRScheduler._test_against_closed_form` in PyTorch's `test/optim/test_lrscheduler.py` builds a new
optimizer (`self.setUp()`) after the schedulers were built, and compares the rates of this optimizer,
which no scheduler changes. The script below repeats its steps in PyTorch, and needs only PyTorch.
"""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest

from lrspec.bindings.backend import backend_of
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation
from lrspec.scenario.builders import expand
from lrspec.spec.recipe import from_dict
from lrspec.verdict.judge import judge
from lrspec.verdict.judgement import Judgement, Precision

EPOCHS = 20
RATES = [0.05, 0.5]
STEP = {"schedule": "step", "step_size": 3, "gamma": 0.1, "base_lr": RATES}
SCRIPT = """
import json, sys, warnings
import torch
from torch.optim.lr_scheduler import ExponentialLR, StepLR

warnings.simplefilter("ignore")
epochs, rates = json.loads(sys.argv[1])


def new_optimizer():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in rates]
    return torch.optim.SGD([{"params": [w], "lr": lr} for w, lr in zip(weights, rates)])


def lrs(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def looked_at(build, closed_form):
    optimizer = new_optimizer()
    scheduler, other = build(optimizer), closed_form(optimizer)
    optimizer = new_optimizer()  # self.setUp()
    targets = []
    for epoch in range(epochs):
        other.optimizer.step()
        other.step(epoch)
        targets.append(lrs(optimizer))
    optimizer = new_optimizer()  # self.setUp()
    found = []
    for _ in range(epochs):
        optimizer.step()
        scheduler.step()
        found.append(lrs(optimizer))
    return targets, found


def used(build):
    optimizer = new_optimizer()
    scheduler, rows = build(optimizer), []
    for _ in range(epochs):
        rows.append(lrs(optimizer))
        optimizer.step()
        scheduler.step()
    return rows


def step(optimizer):
    return StepLR(optimizer, step_size=3, gamma=0.1)


def exponential(optimizer):
    return ExponentialLR(optimizer, gamma=0.9)


targets, found = looked_at(step, exponential)
print(json.dumps([targets, found, used(step), used(exponential)]))
"""


@pytest.fixture(scope="module")
def printed() -> list[np.ndarray]:
    """Return the helper's two sides and the rates applied by each scheduler, as PyTorch prints them."""
    path, _ = interpreter(backend_of("torch"))
    command = [path, "-c", SCRIPT, json.dumps([EPOCHS, RATES])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return [np.array(rows) for rows in json.loads(done.stdout)]


def judged(rates: np.ndarray) -> Judgement:
    scenario = expand(from_dict(STEP), "stepwise", EPOCHS)[0]
    return judge(scenario, Observation("trace", "", rates, rates), Precision("float64", "float64"))


def test_the_helper_compares_what_no_scheduler_moves(printed):
    targets, found, _, _ = printed
    assert np.abs(targets - found).max() <= 1e-5  # so it accepts a StepLR as an ExponentialLR
    assert (targets == RATES).all()
    assert (found == RATES).all()


def test_lrspec_tells_the_two_classes_apart(printed):
    _, _, staircase, exponential = printed
    assert judged(staircase).verdict == "conforms"
    found = judged(exponential)
    assert (found.verdict, found.first) == ("unpredicted", 1)
    assert found.difference.count == EPOCHS - 1
