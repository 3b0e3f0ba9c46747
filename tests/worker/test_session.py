"""A session that notes what it is asked to do, driven by actions."""

from __future__ import annotations

import math
from types import ModuleType, SimpleNamespace

import pytest

from lrspec.worker import session

pytestmark = pytest.mark.every_python

SLOTS = 2


class Session:
    """A rate that is halved by each step, and one group more once it is asked for."""

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


def asked(*actions, mode: str = "plain", **rest) -> tuple[dict, list]:
    sessions = []

    def opened(*given):
        sessions.append(Session(*given))
        return sessions[0]

    worker = SimpleNamespace(Session=opened, SLOTS=SLOTS)
    request = {"source": "s", "base_lr": [1.0], "actions": actions, **rest}
    return session.answer(worker, mode, request), sessions[0].done if sessions else []


def test_updates_are_looked_at_done_and_stepped():
    answer, done = asked(["updates", 3])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.5], [0.25]]
    assert answer["momentum"] is None
    assert done == ["s", (), "collected 2", (), (), "collected 1"]


def test_each_metric_is_a_step_of_its_own_and_null_is_nan():
    answer, done = asked(["metrics", [3, None]])
    assert answer["applied"] == [[1.0], [0.5]]
    assert done[1] == (3,)
    assert math.isnan(done[3][0])


def test_steps_alone_apply_nothing():
    answer, done = asked(["updates", 1], ["steps", [2, 1]], ["jump", 0.5])
    assert answer["reported"] == [[1.0], [0.5], [0.25]]
    assert answer["applied"] == [[1.0]]
    assert done[-2:] == [(0.5,), "collected 1"]
    assert asked(["steps", [2, 1]])[0]["applied"] is None


def test_of_many_steps_every_so_manieth_rate_is_told():
    answer, _ = asked(["steps", [5, 2]])
    assert answer["reported"] == [[1.0], [0.25], [0.0625]]


def test_a_rate_is_read_in_every_way_twice_before_each_update():
    answer, done = asked(["read", 2])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.5]]
    assert done == ["s", "read", "read", (), "read", "read", "collected 2", ()]


def test_what_get_lr_says_is_told_and_nothing_applied():
    answer, done = asked(["get_lr", 3], mode="moving")
    assert answer["reported"] == [[0.25], [0.125], [0.0625]]
    assert answer["applied"] is None
    assert answer["momentum"] == [[0.0], [0.5], [0.75]]
    assert done == ["s", (), (), ()]


def test_schedulers_together_are_each_stepped_after_an_update():
    answer, done = asked(["together", [2, 2]], others=["t"])
    assert answer["reported"] == answer["applied"] == [[1.0], [0.25]]
    each = ["scheduler 0", (), "scheduler 1", ()]
    assert done == ["s", "t", *each, "collected 2", *each]


def test_what_is_applied_is_collected_before_the_session_is_changed():
    answer, done = asked(["updates", 1], ["add_group", 0.5], ["updates", 1], ["rebuild", None])
    assert answer["applied"] == answer["reported"] == [[1.0], [0.5, 0.5]]
    assert done[2:4] == ["collected 1", "a group of 0.5"]
    assert done[-2:] == ["collected 1", "rebuilt"]


def test_a_momentum_that_is_moved_is_told():
    answer, _ = asked(["updates", 2], ["steps", [1, 1]], mode="moving")
    assert answer["momentum"] == [[0.0], [0.5], [0.75]]


def test_the_others_are_built_beside_the_first():
    assert asked(others=["t", "u"])[1] == ["s", "t", "u"]


def test_what_a_scheduler_raises_ends_the_trace():
    answer, _ = asked(["updates", 1], ["jump", 13], ["updates", 1])
    assert answer["status"] == "trace"
    assert answer["applied"] == [[1.0]]
    assert answer["error"] == "RuntimeError: no thirteenth step"


def test_what_a_mode_cannot_do_is_no_trace():
    answer, done = asked(["updates", 1], ["resume", "right"])
    assert answer["status"] == "errored"
    assert "resume" in answer["reason"]
    assert done == ["s"]


def test_a_source_that_cannot_be_built_is_rejected():
    assert asked(mode="refusing")[0] == {"status": "rejected", "reason": "ValueError: not today"}


@pytest.mark.parametrize(("listed", "found"), [(None, ["Other", "Right"]), (["Right"], ["Right"])])
def test_the_classes_of_a_module_are_those_that_step_and_are_public(listed, found):
    classes = {name: type(name, (), {"step": len}) for name in ("Right", "_Private", "Other")}
    module = ModuleType("schedulers")
    vars(module).update(classes, Stepless=type("Stepless", (), {}), step=len, right=classes)
    if listed:
        module.__all__ = listed
    assert session.classes([module]) == found
