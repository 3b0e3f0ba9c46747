"""A recipe as a live scheduler: whose optimizer it is, and the rates that its groups begin with."""

from __future__ import annotations

import pytest

import lrspec
from lrspec import BadInput
from lrspec.bindings.backend import frameworks
from lrspec.port.build import build
from lrspec.spec.recipe import from_dict
from lrspec.worker.functions import describe

pytestmark = pytest.mark.every_python

STEP = {"schedule": "step", "base_lr": [0.5, 0.25], "step_size": 3}
SOURCE = "def build_scheduler(optimizer):\n    return optimizer, lambda t: 0.5 ** t\n"


class Group:
    """A parameter group as OneFlow has it: its options are items, and it is no dictionary."""

    def __init__(self, options: dict) -> None:
        self.options = options

    def __contains__(self, name: str) -> bool:
        return name in self.options

    def __getitem__(self, name: str):
        return self.options[name]

    def __setitem__(self, name: str, value: object) -> None:
        self.options[name] = value


def optimizer_of(module: str, groups=2, **options):
    """Return what looks like an optimizer of a framework, by its class and its groups."""
    base = type("Optimizer", (), {"__module__": module})
    found = type("SGD", (base,), {})()
    if module.startswith("paddle"):
        found._param_groups = [{"learning_rate": 1.0 / 2**i} for i in range(groups)]
        found.set_lr_scheduler = lambda scheduler: setattr(found, "scheduler", scheduler)
    else:
        group = Group if module.startswith("oneflow") else dict
        found.param_groups = [group({"lr": 9.0, **options}) for _ in range(groups)]
    return found


def written(_, backend):
    if backend.name == "paddle":
        return "def build_scheduler():\n    return 'a scheduler'\n"
    return SOURCE


@pytest.mark.parametrize("module", ["torch.optim.optimizer", "oneflow.optim.optimizer"])
def test_the_groups_begin_with_the_base_rates_of_the_recipe(module):
    optimizer = optimizer_of(module, initial_lr=9.0)
    given, _ = build(from_dict(STEP), optimizer, written)
    assert given is optimizer
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
    assert [group["initial_lr"] for group in optimizer.param_groups] == [0.5, 0.25]


def test_one_base_rate_is_for_all_groups():
    optimizer = optimizer_of("torch.optim.optimizer", groups=3)
    given_recipes = []
    build(
        from_dict({**STEP, "base_lr": 0.5}),
        optimizer,
        lambda *given: given_recipes.append(given[0]) or SOURCE,
    )
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.5, 0.5]
    assert given_recipes[0].base_lr == (0.5, 0.5, 0.5)


def test_groups_of_several_rates_are_not_flattened_to_one():
    optimizer = optimizer_of("torch.optim.optimizer", groups=2)
    optimizer.param_groups[1]["lr"] = 0.9
    with pytest.raises(BadInput, match=r"groups with lr=9\.0, 0\.9, expected one rate, or a list"):
        build(from_dict({**STEP, "base_lr": 0.5}), optimizer, written)
    assert [group["lr"] for group in optimizer.param_groups] == [9.0, 0.9]


def test_a_rate_that_is_a_tensor_stays_the_same_tensor():
    class Tensor:
        """Filled in place."""

        def fill_(self, value):
            self.value = value

    rate = Tensor()
    optimizer = optimizer_of("torch.optim.optimizer", groups=1, lr=rate)
    optimizer.param_groups[0]["lr"] = rate
    build(from_dict({**STEP, "base_lr": 0.5}), optimizer, written)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.value == 0.5


def test_a_scheduler_that_holds_the_rate_is_handed_to_the_optimizer():
    optimizer = optimizer_of("paddle.optimizer.optimizer")
    assert build(from_dict(STEP), optimizer, written) == "a scheduler"
    assert optimizer.scheduler == "a scheduler"


def test_the_functions_of_a_built_scheduler_keep_their_source():
    _, function = build(from_dict(STEP), optimizer_of("torch.optim.optimizer"), written)
    assert describe(function)["texts"] == ["lambda t: 0.5 ** t"]


def test_an_optimizer_of_no_framework_is_rejected():
    titles = ", ".join(backend.title for backend in frameworks().values())
    with pytest.raises(BadInput, match=f"found object, expected an optimizer of {titles}"):
        lrspec.build(lrspec.load(STEP), object())


def test_groups_that_do_not_match_the_base_rates_are_rejected():
    optimizer = optimizer_of("torch.optim.optimizer", groups=1)
    with pytest.raises(BadInput, match="found 1 parameter group, expected 2, one for each base_lr"):
        build(from_dict(STEP), optimizer, written)
    assert optimizer.param_groups[0]["lr"] == 9.0
    factors = optimizer_of("paddle.optimizer.optimizer", groups=1)
    with pytest.raises(BadInput, match=r"learning_rate=1\.0, expected 1\.0, 0\.5, the ratios"):
        build(from_dict(STEP), factors, written)


def test_a_scheduler_that_moves_more_than_one_rate_follows_the_optimizer():
    following = (
        "class Following:\n"
        "    def follow(self, optimizer):\n"
        "        self.optimizer = optimizer\n\n\n"
        "build_scheduler = Following\n"
    )
    optimizer = optimizer_of("paddle.optimizer.optimizer")
    scheduler = build(from_dict(STEP), optimizer, lambda *_: following)
    assert scheduler.optimizer is optimizer is not None
    assert optimizer.scheduler is scheduler
