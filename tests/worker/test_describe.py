"""A live scheduler is described without being stepped, and read in its own process."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import lrspec
from lrspec import BadInput
from lrspec.worker import describe, evaluate

pytestmark = pytest.mark.every_python


class Optimizer:
    """Two parameter groups, and a model that must not be copied."""

    def __init__(self):
        self.param_groups = [{"lr": 0.2, "params": [Unique()]}, {"lr": 0.1, "params": [Unique()]}]
        self.state = {"moments": Unique()}


class Unique:
    """Raises where it is copied."""

    def __deepcopy__(self, memory):
        raise AssertionError("copied")


class Halving:
    """Halves every rate at each step.

    Recipe:
    {"schedule": "exponential", "base_lr": [0.2, 0.1], "gamma": 0.5}
    """

    def __init__(self, optimizer):
        self.optimizer, self.model = optimizer, Unique()
        self.last_epoch, self.steps = 0, []

    def step(self):
        self.last_epoch += 1
        self.steps.append(self.last_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] /= 2

    def state_dict(self):
        return {"last_epoch": self.last_epoch}


class Thirding(Halving):
    """Claims to halve each rate, and does not.

    Recipe:
    {"schedule": "exponential", "base_lr": [0.2, 0.1], "gamma": 0.5}
    """

    def step(self):
        self.last_epoch += 1
        for group in self.optimizer.param_groups:
            group["lr"] /= 3


def stepped(scheduler, steps):
    for _ in range(steps):
        scheduler.step()
    return scheduler


def test_a_copy_is_stepped_that_shares_large_objects_with_the_scheduler():
    scheduler = Halving(Optimizer())
    described = describe.describe(scheduler, [])
    assert described["ahead"][:3] == [[0.2, 0.1], [0.1, 0.05], [0.05, 0.025]]
    assert (scheduler.last_epoch, scheduler.steps) == (0, [])
    assert [group["lr"] for group in scheduler.optimizer.param_groups] == [0.2, 0.1]
    assert described["held"]["model"] == {"object": "Unique"}
    assert json.loads(json.dumps(described)) == described


def test_a_claimed_recipe_that_matches_the_rates_is_read_at_its_position():
    read = lrspec.read(stepped(Halving(Optimizer()), 3))
    assert read.to_dict() == {
        "about": {"position": 3},
        "schedule": "exponential",
        "base_lr": [0.2, 0.1],
        "gamma": 0.5,
    }
    assert read.position == 3
    assert read.notes == ()
    assert lrspec.load(read.to_dict()).to_dict() == read.to_dict()


def test_a_claimed_recipe_that_does_not_match_the_rates_is_rejected():
    with pytest.raises(
        BadInput, match="scheduler: found Thirding, expected the rates of the recip"
    ):
        lrspec.read(Thirding(Optimizer()))


def test_an_invalid_claimed_recipe_is_rejected_with_its_path():
    class Wrong(Halving):
        """Wrong.

        Recipe:
        {"schedule": "exponential", "base_lr": 1, "gamma": "half"}
        """

    class Broken(Halving):
        """Broken.

        Recipe:
        {"schedule":
        """

    with pytest.raises(
        BadInput, match=r'scheduler\.__doc__\.gamma: found "half", expected a number'
    ):
        lrspec.read(Wrong(Optimizer()))
    with pytest.raises(BadInput, match=r"scheduler\.__doc__: found expecting value"):
        lrspec.read(Broken(Optimizer()))


class Unclaimed:
    """Its steps may have any effect."""

    def __init__(self, inner=None):
        self.last_lr, self.inner = 0.5, inner

    def step(self):
        raise AssertionError("stepped")

    def state_dict(self):
        return {}


def test_a_copy_is_not_stepped_if_a_step_may_have_other_effects():
    for scheduler in (Unclaimed(), Unclaimed([Unclaimed()])):
        assert describe.describe(scheduler, [])["ahead"] == [[0.5]]
    trusting = [__name__.partition(".")[0]]
    assert describe.describe(Unclaimed(), trusting)["ahead"] == [[0.5]]  # it ends where it raises
    outer = {
        "lineage": [{"module": "trusted.rates", "name": "X", "doc": None, "defines": ["step"]}]
    }
    inner = {"lineage": [{"module": "users", "name": "Y", "doc": None, "defines": ["step"]}]}
    assert describe._is_safe({**outer, "held": {}}, ["trusted"])
    assert not describe._is_safe({**outer, "held": {"a": [{"scheduler": inner}]}}, ["trusted"])


@pytest.mark.parametrize("thing", [3, None, "StepLR", Optimizer(), Halving])
def test_other_objects_are_rejected(thing):
    with pytest.raises(BadInput, match="expected a scheduler, built"):
        lrspec.read(thing)


def test_numbers_without_a_json_form_are_described():
    scheduler = Halving(Optimizer())
    scheduler.best, scheduler.worst = math.inf, -math.inf
    described = describe.describe(scheduler, [])["held"]
    assert (described["best"], described["worst"]) == ({"float": "inf"}, {"float": "-inf"})


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.path", ["", *__import__("sys").path])
    monkeypatch.setattr("sys.argv", ["elsewhere", "--with", "arguments"])
    monkeypatch.setattr("sys.modules", dict(__import__("sys").modules))

    def write(text: str) -> str:
        (tmp_path / "beside.py").write_text("RATE = 0.3\n")
        (tmp_path / "script.py").write_text(text)
        return str(tmp_path / "script.py")

    return write


def test_a_file_is_run_as_an_import_runs_it(script):
    path = script(
        "from beside import RATE\n"
        "if __name__ == '__main__':\n    raise SystemExit('trained')\n"
        "class Flat:\n"
        "    last_lr = RATE\n"
        "    def step(self): pass\n"
        "    def state_dict(self): return {}\n"
    )
    answer = evaluate.file(path, "Flat()", [])
    assert answer["status"] == "description"
    assert answer["description"]["ahead"][0] == [0.3]


def test_a_file_is_run_without_command_line_arguments(script):
    path = script("import sys\nif sys.argv != [__file__]:\n    raise SystemExit(2)\n")
    assert evaluate.file(path, "3", []) == {
        "status": "rejected",
        "place": "expression",
        "found": "int",
    }


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        (
            "\n1 / 0\n",
            "x",
            {"place": "file", "reason": "ZeroDivisionError: division by zero, line 2"},
        ),
        ("raise SystemExit(3)", "x", {"place": "file", "reason": "SystemExit: 3, line 1"}),
        ("", "x", {"place": "expression", "reason": "NameError: name 'x' is not defined"}),
        ("def f(): return [][0]", "f()", {"place": "expression"}),
        ("", "3", {"place": "expression", "found": "int"}),
        ("", "int", {"place": "expression", "found": "a class"}),
    ],
)
def test_an_error_in_a_file_is_one_line(script, text, expression, expected):
    answer = evaluate.file(script(text), expression, [])
    assert answer["status"] == "rejected"
    assert {name: answer[name] for name in expected} == expected
    assert "\n" not in answer.get("reason", "")


BUILT_INSIDE = """
class Optimizer:
    def __init__(self):
        self.param_groups = [{"lr": 0.1}]


class Halving:
    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step(self):
        pass

    def state_dict(self):
        return {}


class Thirding(Halving):
    pass


def make():
    optimizer = Optimizer()
    first = Halving(optimizer)
    return Thirding(optimizer)


alone = Halving(Optimizer())
"""


def test_a_scheduler_that_only_a_function_refers_to_is_found_on_its_optimizer(tmp_path: Path):
    path = tmp_path / "built_inside.py"
    path.write_text(BUILT_INSIDE)
    answer = evaluate.file(str(path), "make()", [])
    assert answer["description"]["others"] == [["Halving", False]]
    assert evaluate.file(str(path), "alone", [])["description"]["others"] == []
