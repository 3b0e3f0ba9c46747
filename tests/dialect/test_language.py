"""The rule language: what it computes, and what it refuses when a rule is loaded."""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import Any

import pytest

from lrspec.dialect.classes import classes
from lrspec.dialect.functions import FUNCTIONS, Abort
from lrspec.dialect.log import begin
from lrspec.errors import BadInput

pytestmark = pytest.mark.every_python


class Base:
    """The base class of a toy framework."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer


class Optimizer:
    """Parameter groups with a rate each."""

    def __init__(self, *rates: float) -> None:
        self.param_groups = [{"lr": rate} for rate in rates]


def protocol() -> ModuleType:
    module = ModuleType("protocol")
    vars(module).update(
        Base=Base,
        CLASSES={},
        BASE="Base",
        FIRST=("optimizer",),
        LAST={},
        SUPER=("optimizer",),
        ALIASES={"t": "last_epoch"},
        ATTRIBUTES=frozenset({"optimizer", "last_epoch", "base_lrs"}),
        GROUPS={"lr": ("group", "lr"), "base_lr": ("self", "base_lrs")},
        METHODS={"next": ("get_lr", ()), "learn": ("learn", ("metric",))},
        FUNCTIONS={},
    )
    return module


def built(rule: Any, *rates: float, t: float = 0, name: str = "next", **arguments: Any) -> Any:
    """Return an object of a class with *rule* as its method, at step *t*."""
    declared = dict.fromkeys(arguments)
    made = classes({"X": {"arguments": declared, name: rule}}, protocol())["X"]
    scheduler = made(Optimizer(*(rates or (1.0,))), **arguments)
    scheduler.last_epoch, scheduler.base_lrs = t, list(rates)
    return scheduler


def test_a_formula_that_reads_no_group_has_one_value():
    assert built("2 ** t + 1", t=3).get_lr() == 9


def test_a_formula_that_reads_a_group_has_a_value_for_each():
    assert built("lr * gamma if t > 0 else lr", 1.0, 0.5, t=1, gamma=0.5).get_lr() == [0.5, 0.25]


def test_arithmetic_is_pythons_to_the_last_bit():
    assert built("lr * (1 / 3) ** t", 0.1, t=5).get_lr() == [0.1 * (1 / 3) ** 5]
    with pytest.raises(ZeroDivisionError):
        built("1 / t").get_lr()


def test_groups_are_zipped_as_strictly_as_the_framework_zips_them():
    scheduler = built("lr * base_lr", 1.0, 2.0)
    scheduler.base_lrs = [1.0]
    with pytest.raises(ValueError, match="argument 2 is longer"):
        scheduler.get_lr()


def test_lines_assign_local_names_attributes_and_options_of_the_group():
    lines = ["half = t / 2", "self.last_epoch = t + 1", "group.lr = lr * half"]
    scheduler = built(lines, 1.0, 3.0, t=4)
    scheduler.get_lr()
    assert scheduler.last_epoch == 5
    assert [group["lr"] for group in scheduler.optimizer.param_groups] == [2.0, 6.0]


def test_a_line_may_decide_raise_and_name_a_departure():
    lines = [
        {"when": "metric > 2", "departure": "toy-late"},
        {"when": "metric > 3", "raise": "ValueError", "message": r"at most \d"},
        "return metric",
    ]
    scheduler = built(lines, name="learn")
    log = begin()
    assert scheduler.learn(2) == 2
    assert log.first == {}
    assert scheduler.learn(3) == 3
    assert log.first == {"toy-late": 0}
    with pytest.raises(ValueError, match="at most") as caught:
        scheduler.learn(4)
    assert type(caught.value).__name__ == "ValueError"


def test_a_rule_may_end_the_process():
    with pytest.raises(Abort):
        built([{"when": "t == 0", "raise": "Abort", "message": "aborted"}]).get_lr()


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "self",
        "optimizer.param_groups",
        "lr.__class__",
        "[x for x in base_lrs]",
        "lambda x: x",
        "(x := 1)",
        "open('/etc/passwd')",
        "eval('1')",
        "getattr(t, 'real')",
        "f'{t}'",
        "t @ t",
        "t << 2",
        "1 < t < 3",
        "max(*base_lrs)",
        "max(a=1)",
        "base_lrs[0:1]",
        "{1: 2}",
        "unknown + 1",
        "t +",
        "b'x'",
        "...",
        "1j",
        "await t",
        "yield t",
        "_raised('ValueError', 'x')",
        "_base.__init__",
    ],
)
def test_a_formula_outside_the_language_is_rejected_when_it_is_loaded(formula: str):
    with pytest.raises(BadInput, match=r"\$\.X"):
        built(formula)


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "self.unknown = 1",
        "optimizer.lr = 1",
        "a.b.c = 1",
        "group.lr += 1",
        "import os",
        "1 = 2",
    ],
)
def test_a_line_that_is_none_is_refused(line: str):
    with pytest.raises(BadInput):
        built([line, "return t"])


def test_an_unknown_key_of_a_class_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match=r"\$\.X: found nxt, expected one of .*next"):
        classes({"X": {"nxt": "lr"}}, protocol())


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (("first_above", [1, 3, 5], 3), 2),
        (("first_reached", [1, 3, 5], 3), 1),
        (("first_reached", [1, 3, 5], 6), 3),
        (("passed", [1, 3, 3], 3), 3),
        (("count", Counter([1, 3, 3]), 3), 2),
        (("count", Counter([1, 3, 3]), 2), 0),
        (("elements", Counter([3, 1, 3])), [3, 3, 1]),
        (("between_steps", [1, 2.5]), True),
        (("between_steps", [1, 2.0]), False),
        (("product", lambda t: t, 2.0, 3), 12.0),
        (("restart_index", 242, 2, 3), 5),
    ],
)
def test_a_function_of_the_language_has_the_value_worked_out_by_hand(call: tuple, value: object):
    name, *arguments = call
    assert FUNCTIONS[name](*arguments) == value


@pytest.mark.parametrize(
    ("x", "base", "value"), [(243, 3, 4.999999999999999), (1000, 10, 2.9999999999999996)]
)
def test_a_logarithm_has_cpythons_value(x: int, base: int, value: float):
    """The quotient of two rounded logarithms: 5 and 3 in exact arithmetic."""
    assert FUNCTIONS["logarithm"](x, base) == value
