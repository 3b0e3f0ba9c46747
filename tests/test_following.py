"""`lrspec.assert_follows` and the pytest fixture, on schedulers without a framework."""

from __future__ import annotations

import math
import re
from importlib.metadata import entry_points
from types import SimpleNamespace

import pytest

import lrspec

COSINE = {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 10}

pytest_plugins = ["pytester"]


class Scheduler:
    """A scheduler with the interface of the frameworks' own."""

    def __init__(self, T_max: float, groups: int = 1, raises_at: int = 10**9):  # noqa: N803
        self.T_max, self.raises_at, self.t = T_max, raises_at, 0
        self.optimizer = SimpleNamespace(param_groups=[{"lr": 1.0} for _ in range(groups)])

    def step(self):
        self.t += 1
        if self.t == self.raises_at:
            raise ValueError("the end")
        for group in self.optimizer.param_groups:
            group["lr"] = (1 + math.cos(math.pi * self.t / self.T_max)) / 2

    def state_dict(self):
        return {}


def message(scheduler, recipe, **given) -> str:
    with pytest.raises(AssertionError) as caught:
        lrspec.assert_follows(scheduler, recipe, **given)
    return str(caught.value)


def test_a_scheduler_that_follows_its_recipe_is_not_stepped():
    scheduler = Scheduler(10)
    lrspec.assert_follows(scheduler, COSINE)
    lrspec.assert_follows(scheduler, lrspec.load(COSINE), steps=50)
    assert scheduler.t == 0


def test_a_scheduler_in_the_middle_of_a_run_starts_there():
    scheduler = Scheduler(10)
    for _ in range(4):
        scheduler.step()
    lrspec.assert_follows(scheduler, COSINE, steps=5, start=4)
    assert "at step 0 it uses" in message(scheduler, COSINE, steps=5)


def test_the_first_difference_is_shown_with_its_surroundings():
    lines = message(Scheduler(9), COSINE, steps=10).splitlines()
    assert lines[0] == (
        "the scheduler does not follow the cosine_annealing recipe: at step 1 it uses 0.969846 "
        "where the recipe has 0.975528; 9 of 10 steps differ, by up to 0.0955 of the peak"
    )
    assert lines[1].split() == ["step", "recipe", "scheduler"]
    assert lines[2].split() == ["0", "1", "1"]
    assert lines[3].split() == ["*", "1", "0.9755282581", "0.9698463104"]


def test_a_scheduler_that_raises_does_not_follow():
    assert message(Scheduler(10, raises_at=5), COSINE, steps=10) == (
        "the scheduler raises ValueError before step 5 of the cosine_annealing recipe"
    )


def test_the_number_of_groups_is_compared():
    three = {**COSINE, "base_lr": [1, 1, 1]}
    assert "has 2 parameter groups, the recipe has 3" in message(Scheduler(10, groups=2), three)


def test_a_single_base_rate_is_for_all_groups():
    lrspec.assert_follows(Scheduler(10, groups=2), COSINE)
    lines = message(Scheduler(9, groups=2), COSINE, steps=10).splitlines()
    assert lines[3] == "*       1  0.9755282581           0.9698463104"


def test_an_invalid_recipe_and_scheduler_are_rejected():
    with pytest.raises(lrspec.BadInput, match="unknown schedule `CosineLR`"):
        lrspec.assert_follows(Scheduler(10), {"schedule": "CosineLR", "base_lr": 1})
    with pytest.raises(lrspec.BadInput, match="a scheduler that can be copied"):
        lrspec.assert_follows(object(), COSINE)


def test_the_fixture_makes_it_one_line(pytester: pytest.Pytester):
    pytester.makepyfile(
        """
        from test_following import COSINE, Scheduler

        def test_right(assert_follows):
            assert_follows(Scheduler(10), COSINE)

        def test_wrong(assert_follows):
            assert_follows(Scheduler(9), COSINE)
        """
    )
    installed = entry_points(group="pytest11", name="lrspec")  # pytest loads it by itself
    ended = pytester.runpytest(*([] if installed else ["-p", "lrspec.pytest_plugin"]))
    ended.assert_outcomes(passed=1, failed=1)
    text = ended.stdout.str()
    assert re.search("does not follow the cosine_annealing recipe: at step 1 it uses 0.969", text)
