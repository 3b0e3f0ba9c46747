"""What a test helper of PyTorch's does not see, and lrspec does.

`TestLRScheduler._test_against_closed_form` in PyTorch's `test/optim/test_lrscheduler.py` (at commit
01f9ef32) holds `scheduler.step()` against `scheduler.step(epoch)`. Both schedulers are given to it,
built on `self.opt`; it begins by `self.setUp()`, which puts a new optimizer in the place of that one,
steps the schedulers, which go on with the old one, and compares the rates of the new one: these are
0.05 and 0.5 for ever. `conformance/reproducers/test_closed_form_helper.py` shows the same of PyTorch's
own classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fakes.toy import toy

from lrspec.runtime.observation import Observation
from lrspec.scenario.builders import expand
from lrspec.spec.recipe import from_dict
from lrspec.verdict.judge import judge
from lrspec.verdict.judgement import Judgement, Precision

EPOCHS = 20
RATES = [0.05, 0.5]
STEP = {"schedule": "step", "step_size": 3, "gamma": 0.1}
Build = Callable[[toy.Optimizer], toy.Scheduler]


def staircase(optimizer: toy.Optimizer) -> toy.Scheduler:
    return toy.Step(optimizer, step_size=3, gamma=0.1)


def exponential(optimizer: toy.Optimizer) -> toy.Scheduler:
    return toy.Exponential(optimizer, gamma=0.9)


class Helper:
    """The helper's own steps, over the toy framework; it calls `self.setUp()` if *new_optimizer*."""

    def __init__(self, *, new_optimizer: bool) -> None:
        self.new_optimizer = new_optimizer
        self.set_up()

    def set_up(self) -> None:
        self.optimizer = toy.Optimizer(RATES)

    def agree(self, build: Build, closed_form: Build) -> bool:
        """Tell whether the helper would pass the two schedulers."""
        scheduler, other = build(self.optimizer), closed_form(self.optimizer)
        self.begin(other)
        targets = []
        for epoch in range(EPOCHS):
            other.step(epoch)
            targets.append(list(self.optimizer))
        self.begin(scheduler)
        found = []
        for _ in range(EPOCHS):
            scheduler.step()
            found.append(list(self.optimizer))
        return bool(np.abs(np.array(found) - np.array(targets)).max() <= 1e-5)

    def begin(self, scheduler: toy.Scheduler) -> None:
        """Make a new optimizer, as the helper does; or one that the scheduler is given as well."""
        self.set_up()
        if not self.new_optimizer:
            self.optimizer.bases = list(RATES)
            scheduler.optimizer = self.optimizer
            scheduler.begin()


def judged(build: Build) -> Judgement:
    """Return lrspec's verdict on a scheduler as the staircase."""
    scenario = expand(from_dict({**STEP, "base_lr": RATES}), "stepwise", EPOCHS)[0]
    optimizer = toy.Optimizer(RATES)
    scheduler = build(optimizer)
    rows = []
    for _ in range(EPOCHS):
        rows.append(list(optimizer))
        scheduler.step()
    rates = np.array(rows)
    return judge(scenario, Observation("trace", "", rates, rates), Precision("float64", "float64"))


def test_the_helper_passes_a_staircase_for_an_exponential_fall():
    assert Helper(new_optimizer=True).agree(staircase, exponential)
    assert Helper(new_optimizer=True).agree(exponential, staircase)


def test_lrspec_tells_the_staircase_from_the_exponential_fall():
    found = judged(exponential)
    assert (found.verdict, found.first) == ("unpredicted", 1)
    assert found.difference.count == EPOCHS - 1
    assert judged(staircase).verdict == "conforms"


@pytest.mark.parametrize("build", [staircase, exponential])
def test_if_it_looked_at_their_optimizer_the_helper_would_not_pass_a_scheduler_for_itself(build):
    """It steps before it looks on the one side, and to epoch 0 on the other: a step lies between."""
    assert Helper(new_optimizer=True).agree(build, build)
    assert not Helper(new_optimizer=False).agree(build, build)
