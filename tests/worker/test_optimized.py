"""The shared part of a session, with an optimizer and a scheduler made of lists and dicts."""

from __future__ import annotations

import pytest

from lrspec.worker.optimized import Optimized

pytestmark = pytest.mark.every_python

SOURCE = """
class Halving:
    def __init__(self, optimizer, last=-1):
        self.optimizer, self.last = optimizer, last + 1

    def step(self):
        self.last += 1
        for group in self.optimizer.param_groups:
            group["lr"] /= 2

    def state_dict(self):
        return {"last": self.last}

    def load_state_dict(self, state):
        self.last = state["last"]


build_scheduler = Halving
"""


class SGD:
    """An optimizer that only stores its groups."""

    def __init__(self, groups):
        self.param_groups = groups

    def state_dict(self):
        return [group["lr"] for group in self.param_groups]

    def load_state_dict(self, state):
        for group, lr in zip(self.param_groups, state, strict=True):
            group["lr"] = lr

    def add_param_group(self, group):
        self.param_groups.append(group)


class Session(Optimized):
    """A session without weights that are updated."""

    SGD = SGD

    def weight(self):
        return [0.0]


def stepped(*base_lr: float) -> Session:
    session = Session(SOURCE, list(base_lr))
    session.step()
    return session


@pytest.mark.parametrize(
    ("order", "rate"), [("right", 0.5), ("scheduler-only", 1.0), ("built-late", 0.5)]
)
def test_a_resume_restores_the_states_that_its_order_names(order: str, rate: float):
    session = stepped(1.0)
    before = session.optimizer, session.scheduler
    session.resume(order)
    assert session.scheduler.last == 1
    assert session.rates() == [rate]
    assert session.optimizer is not before[0]
    assert session.scheduler is not before[1]


def test_an_index_is_given_to_a_scheduler_on_a_new_optimizer_with_the_same_rates():
    session = stepped(1.0, 3.0)
    before = session.optimizer
    session.resume_index(4)
    assert session.scheduler.last == 5
    assert session.rates() == [0.5, 1.5]
    assert session.optimizer is not before


def test_a_rebuilt_scheduler_starts_again_on_the_same_optimizer():
    session = stepped(1.0)
    before = session.optimizer
    session.rebuild()
    assert session.scheduler.last == 0
    assert session.rates() == [0.5]
    assert session.optimizer is before


def test_a_second_scheduler_is_stepped_only_when_it_is_used():
    session = stepped(1.0)
    session.also(SOURCE)
    session.step()
    assert [scheduler.last for scheduler in session.schedulers] == [2, 0]
    session.use(1)
    session.step()
    assert [scheduler.last for scheduler in session.schedulers] == [2, 1]


def test_rates_can_be_changed_and_groups_added():
    session = stepped(1.0)
    session.set(0.75)
    session.add_group(0.25)
    session.multiply(2)
    assert session.rates() == [1.5, 0.5]
    assert len(session.weights) == 2


def test_momentum_is_reported_only_if_a_scheduler_or_a_member_changes_it():
    session = stepped(1.0)
    assert session.momentum() is None
    session.optimizer.param_groups[0]["momentum"] = 0.9
    session.scheduler.cycle_momentum = True
    session.use(0)
    assert session.momentum() == [0.9]
