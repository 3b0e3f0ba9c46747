"""Actions, performed by a session that records its calls."""

from __future__ import annotations

import math
from types import ModuleType, SimpleNamespace

import pytest

from lrspec.worker import session

pytestmark = pytest.mark.every_python

SLOTS = 2


class Session:
    """Halves its rate at each step; a group can be added."""

    def __init__(self, mode, source, base_lr):
        if mode == "refusing":
            raise ValueError("not today")
        self.mode, self.rate, self.groups = mode, base_lr[0], len(base_lr)
        self.kept, self.done = [[] for _ in range(SLOTS)], [source]

    def also(self, source):
        self.done.append(source)

    def rates(self):
        return [self.rate] * self.groups

    def momentum(self):
        return [1 - self.rate] * self.groups if self.mode == "moving" else None

    def readers(self):
        return [lambda: self.done.append("read"), self.unwritten]

    def unwritten(self):
        raise NotImplementedError

    def get_lr(self):
        return [self.rate / 4] * self.groups

    def use(self, j):
        self.done.append(f"scheduler {j}")

    def update(self, slot):
        self.kept[slot] = self.rates()

    def applied(self, count):
        self.done.append(f"collected {count}")
        return list(zip(*self.kept[:count], strict=True))

    def step(self, *argument):
        if argument == (13,):
            raise RuntimeError("no thirteenth step\nand more")
        self.done.append(argument)
        self.rate /= 2

    def rebuild(self):
        self.done.append("rebuilt")

    def add_group(self, lr):
        self.done.append(f"a group of {lr}")
        self.groups += 1


def performed(*actions, mode: str = "plain", **rest) -> tuple[dict, list]:
    sessions = []

    def opened(*given):
        sessions.append(Session(*given))
        return sessions[0]

    worker = SimpleNamespace(Session=opened, SLOTS=SLOTS)
    request = {"source": "s", "base_lr": [1.0], "actions": actions, **rest}
    return session.answer(worker, mode, request), sessions[0].done if sessions else []


def test_an_update_is_recorded_done_and_followed_by_a_step():
    answer, done = performed(["updates", 3])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.5], [0.25]]
    assert answer["momentum"] is None
    assert done == ["s", (), "collected 2", (), (), "collected 1"]


def test_each_metric_is_a_step_and_null_is_nan():
    answer, done = performed(["metrics", [3, None]])
    assert answer["applied"] == [[1.0], [0.5]]
    assert done[1] == (3,)
    assert math.isnan(done[3][0])


def test_steps_without_updates_apply_no_rates():
    answer, done = performed(["updates", 1], ["steps", [2, 1]], ["jump", 0.5])
    assert answer["reported"] == [[1.0], [0.5], [0.25]]
    assert answer["applied"] == [[1.0]]
    assert done[-2:] == [(0.5,), "collected 1"]
    assert performed(["steps", [2, 1]])[0]["applied"] is None


def test_every_stride_th_rate_of_many_steps_is_recorded():
    answer, _ = performed(["steps", [5, 2]])
    assert answer["reported"] == [[1.0], [0.25], [0.0625]]


def test_every_reader_is_called_twice_before_each_update():
    answer, done = performed(["read", 2])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.5]]
    assert done == ["s", "read", "read", (), "read", "read", "collected 2", ()]


def test_get_lr_is_recorded_and_no_rates_are_applied():
    answer, done = performed(["get_lr", 3], mode="moving")
    assert answer["reported"] == [[0.25], [0.125], [0.0625]]
    assert answer["applied"] is None
    assert answer["momentum"] == [[0.0], [0.5], [0.75]]
    assert done == ["s", (), (), ()]


def test_each_of_several_schedulers_is_stepped_after_an_update():
    answer, done = performed(["together", [2, 2]], others=["t"])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.25]]
    each = ["scheduler 0", (), "scheduler 1", ()]
    assert done == ["s", "t", *each, "collected 2", *each]


def test_applied_rates_are_collected_before_the_session_is_changed():
    answer, done = performed(["updates", 1], ["add_group", 0.5], ["updates", 1], ["rebuild", None])
    assert answer["applied"] == answer["reported"] == [[1.0], [0.5, 0.5]]
    assert done[2:4] == ["collected 1", "a group of 0.5"]
    assert done[-2:] == ["collected 1", "rebuilt"]


def test_a_momentum_that_changes_is_recorded():
    answer, _ = performed(["updates", 2], ["steps", [1, 1]], mode="moving")
    assert answer["momentum"] == [[0.0], [0.5], [0.75]]


def test_other_sources_are_built_after_the_first():
    assert performed(others=["t", "u"])[1] == ["s", "t", "u"]


def test_an_exception_of_the_scheduler_ends_the_trace():
    answer, _ = performed(["updates", 1], ["jump", 13], ["updates", 1])
    assert answer["status"] == "trace"
    assert answer["applied"] == [[1.0]]
    assert answer["error"] == "RuntimeError: no thirteenth step"


def test_an_action_that_the_mode_lacks_is_errored():
    answer, done = performed(["updates", 1], ["resume", "right"])
    assert answer["status"] == "errored"
    assert "resume" in answer["reason"]
    assert done == ["s"]


def test_a_source_that_cannot_be_built_is_rejected():
    assert performed(mode="refusing")[0] == {
        "status": "rejected",
        "reason": "ValueError: not today",
    }


@pytest.mark.parametrize(("listed", "found"), [(None, ["Other", "Right"]), (["Right"], ["Right"])])
def test_the_classes_of_a_module_are_those_that_step_and_are_public(listed, found):
    classes = {name: type(name, (), {"step": len}) for name in ("Right", "_Private", "Other")}
    module = ModuleType("schedulers")
    vars(module).update(classes, Stepless=type("Stepless", (), {}), step=len, right=classes)
    if listed:
        module.__all__ = listed
    assert session.classes([module]) == found
