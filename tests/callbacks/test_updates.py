"""The updates of an optimizer compared with a recipe as they are made, without a framework."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_following import COSINE, Scheduler

import lrspec
from lrspec.callbacks.updates import Updates


class Optimizer:
    """An optimizer with PyTorch's interface, which applies the rates that it is given."""

    def __init__(self, groups: int = 1):
        self.param_groups = [{"lr": 0.0} for _ in range(groups)]
        self.hooks: list = []

    def register_step_post_hook(self, hook):
        self.hooks.append(hook)
        return self

    def remove(self):
        self.hooks.clear()

    def step(self, *rates):
        for group, rate in zip(self.param_groups, rates, strict=True):
            group["lr"] = rate
        for hook in list(self.hooks):
            hook(self, (), {})


def cosine(t: int, end: int = 10) -> float:
    return (1 + math.cos(math.pi * t / end)) / 2


def watched(recipe=COSINE, groups: int = 1, step: int = 0, **given):
    optimizer, updates = Optimizer(groups), Updates(recipe, warn=given.pop("warn", False))
    updates.watch(optimizer, step, **given)
    return optimizer, updates


def message(optimizer: Optimizer, *rates) -> str:
    with pytest.raises(AssertionError) as caught:
        optimizer.step(*rates)
    return str(caught.value)


def test_updates_with_the_rates_of_the_recipe_pass():
    optimizer, updates = watched()
    for t in range(3000):  # more than are computed at first
        optimizer.step(cosine(t))
    assert updates.step == 3000


def test_the_first_update_that_differs_is_an_error_with_the_updates_before_it():
    optimizer, _ = watched()
    for t in range(6):
        optimizer.step(cosine(t))
    assert message(optimizer, 0.25).splitlines() == [
        (
            "the training run does not follow the cosine_annealing recipe: update 6 uses 0.25 "
            "where the recipe has 0.345492"
        ),
        "     step  recipe                 used",
        "        3  0.7938926261           0.7938926261",
        "        4  0.6545084972           0.6545084972",
        "        5  0.5                    0.5",
        "*       6  0.3454915028           0.25",
    ]


@pytest.mark.parametrize(("other", "often"), [(4, "less"), (6, "more")])
def test_the_nearest_step_with_the_rate_in_use_is_named(other: int, often: str):
    optimizer, _ = watched()
    for t in range(5):
        optimizer.step(cosine(t))
    assert message(optimizer, cosine(other)).splitlines()[-1] == (
        f"this is the recipe's rate of step {other}: was the scheduler stepped {often} often than "
        "the optimizer?"
    )


def test_a_warning_is_given_once():
    optimizer, updates = watched(warn=True)
    with pytest.warns(UserWarning, match="update 0 uses 0.5 where the recipe has 1"):
        optimizer.step(0.5)
    optimizer.step(0.5)
    assert (optimizer.hooks, updates.step) == ([], 1)


def test_a_run_that_is_resumed_continues_at_its_step():
    optimizer, _ = watched(step=7)
    optimizer.step(cosine(7))
    assert "update 8 uses 1 where the recipe has 0.0954915" in message(optimizer, 1.0)


def test_a_single_base_rate_is_for_all_groups():
    optimizer, _ = watched(groups=2)
    optimizer.step(1.0, 1.0)
    assert "*       1  0.9755282581           0.9755282581, 1" in message(optimizer, cosine(1), 1.0)
    optimizer, _ = watched({**COSINE, "base_lr": [1, 2, 3]}, groups=2)
    assert message(optimizer, 1.0, 2.0).splitlines()[0] == (
        "the optimizer has 2 parameter groups, the recipe has 3 base rates"
    )


def test_a_group_that_is_added_during_the_run_has_the_same_rate():
    optimizer, _ = watched()
    optimizer.step(1.0)
    optimizer.param_groups.append({"lr": 0.0})
    assert "update 1 uses 2 where the recipe has 0.975528" in message(optimizer, cosine(1), 2.0)


def test_a_rate_in_single_precision_is_rounded():
    optimizer, _ = watched()
    for t in range(5):
        optimizer.step(np.float32(cosine(t)))
    assert "update 5 uses 0.501 where" in message(optimizer, np.float32(0.501))


def test_errors_are_relative_to_the_peak_so_far():
    optimizer, _ = watched(step=10)
    optimizer.step(1e-17)
    assert "update 11 uses 1e-06 where" in message(optimizer, 1e-6)


def test_a_recipe_with_a_dialect_means_the_framework():
    cycle = {"schedule": "one_cycle", "max_lr": 1, "total_steps": 4}
    as_in_torch = lrspec.load(cycle).as_in("torch")
    rates = as_in_torch.trace(5)[:, 0].tolist()
    optimizer, _ = watched(as_in_torch)
    for rate in rates:
        optimizer.step(rate)
    assert "update 5 uses 0.5 where torch 2.13.0 raises ValueError: Tried" in message(
        optimizer, 0.5
    )


def test_the_scheduler_is_described_and_the_advice_follows():
    optimizer, _ = watched({**COSINE, "about": {}}, scheduler=Scheduler(10), advice=["step it"])
    assert message(optimizer, 0.3).splitlines()[-1] == "step it"


def test_a_recipe_that_depends_on_metrics_is_rejected():
    plateau = {"schedule": "reduce_on_plateau", "base_lr": 1, "metrics": [1, 2]}
    with pytest.raises(lrspec.BadInput, match="a schedule whose rates do not depend on metrics"):
        Updates(plateau)
