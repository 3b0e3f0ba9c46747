"""Python functions of the step, read from their sources as formulas that give their values."""

from __future__ import annotations

import math
from functools import lru_cache, partial

import numpy as np
import pytest

from lrspec import BadInput
from lrspec.importers.python_function.formula import formula_of, has_values
from lrspec.worker import functions

pytestmark = pytest.mark.every_python

HALF = 0.5
RATES = {"fast": 0.9, "slow": 0.99}
STEPS = [4, 8]


class Settings:
    """A namespace, with something for all of its kind."""

    shared = 3

    def __init__(self, **attributes):
        vars(self).update(attributes)


NAMED = Settings(warmup=4, kind="cosine", nothing=None, deep=Settings(warmup=4))


def read(function) -> str:
    return formula_of(functions.describe(function), "$")


def refused(function) -> str:
    with pytest.raises(BadInput) as error:
        read(function)
    return str(error.value)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda t: 0.95**t, "0.95 ** t"),
        (lambda epoch: (-0.5) ** epoch, "(-0.5) ** t"),
        (lambda t: HALF + 0 * t, "0.5 + 0 * t"),
        (lambda t: NAMED.shared * t, "3 * t"),
        (lambda t: -HALF * t, "-0.5 * t"),
        (lambda t: RATES["fast"] ** t, "0.9 ** t"),
        (lambda t: STEPS[0] * t, "4 * t"),
        (lambda t: NAMED.warmup * t, "4 * t"),
        (lambda t: float(t) / float(max(1, NAMED.warmup)), "t / 4"),
        (lambda t: math.cos(math.pi * t), "cos(pi * t)"),
        (lambda t: np.cos(np.pi * t), "cos(pi * t)"),
        (lambda t: math.pow(0.5, t), "0.5 ** t"),
        (lambda t: np.minimum(t, 3), "min(t, 3)"),
        (lambda t: min([t, 3.0]), "min(t, 3.0)"),
        (lambda t: 1 if 2 <= t < 5 else 0, "1 if 2 <= t and t < 5 else 0"),
        (lambda t: 0.1 * (t < 3), "0.1 * (1 if t < 3 else 0)"),
        (lambda t: 1.0 if t else 2.0, "1.0 if t != 0 else 2.0"),
        (lambda t: 1.0 if not t else 2.0, "1.0 if not t != 0 else 2.0"),
        (lambda t: t if NAMED.kind == "cosine" else helper(t), "t"),
        (lambda t: t if NAMED.nothing is None else -t, "t"),
        (lambda t: -t if NAMED.nothing else t, "t"),
        (lambda t: 0.5 ** int(t / 3), None),
        (lambda t, gamma=0.5: gamma**t, "0.5 ** t"),
        (lambda t: helper(t, 0.5), "0.5 ** t"),
        (lambda t: helper(t) + helper(t + 1, 2), None),
    ],
)  # fmt: skip
def test_an_expression_is_written_as_a_formula(function, expected):
    found = read(function)
    assert expected is None or found == expected
    assert has_values(found, [(t, float(function(t))) for t in range(30)])


def helper(step, base=0.25):
    return base**step


def warmed(step):
    """Rises, then falls."""
    if step < 4:
        return step / 4
    done: float = (step - 4) / 16
    done *= 1.0
    if done > 1:
        done = 1.0
    return 0.5 * (1 + math.cos(math.pi * done))


def test_assignments_and_ifs_become_conditions():
    assert read(warmed) == (
        "t / 4 if t < 4 else 0.5 * (1 + cos(pi * 1.0)) if (t - 4) / 16 * 1.0 > 1 "
        "else 0.5 * (1 + cos(pi * ((t - 4) / 16 * 1.0)))"
    )


def test_numbers_of_the_function_around_are_put_in():
    def make(warmup):
        return lambda t: min(1.0, t / warmup)

    assert read(make(8)) == "min(1.0, t / 8)"


def test_a_partial_a_method_a_callable_and_a_cached_function_are_read():
    class Inverse:
        def __init__(self, gamma):
            self.gamma = gamma

        def __call__(self, t):
            return 1 / (1 + self.gamma * t)

    assert read(partial(helper, base=0.75)) == "0.75 ** t"
    assert read(Inverse(0.5)) == "1 / (1 + 0.5 * t)"
    assert read(Inverse(0.5).__call__) == "1 / (1 + 0.5 * t)"
    assert read(lru_cache(helper)) == "0.25 ** t"


def test_of_two_lambdas_on_a_line_each_is_known_by_its_values():
    up, down = (lambda t: 1 + t), (lambda t: 1 / (1 + t))  # fmt: skip
    assert (read(up), read(down)) == ("1 + t", "1 / (1 + t)")


def test_a_callable_that_counts_its_calls_is_copied_first():
    class Counting:
        calls = 0

        def __call__(self, t):
            self.calls += 1
            return 0.5**t

    counting = Counting()
    functions.describe(counting)
    assert counting.calls == 0


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda t: NAMED.deep.warmup * t, "it reads NAMED.deep"),
        (lambda t: unknown * t, "it reads unknown, which is not known"),  # noqa: F821
        (lambda t: NAMED.kind * t, "NAMED.kind is no number: 'cosine'"),
        (lambda t: [1, 2][t], "it reads [1, 2][t]"),
        (lambda t: round(t / 3), "it calls round"),
        (lambda t: math.gamma(t + 1), "it calls math.gamma"),
        (lambda t: max(t, key=1), "it calls max with a keyword"),
        (lambda t, u: t * u, "it takes 2 arguments and not the step alone"),
        (lambda *t: t[0], "it takes any number of arguments"),
        (lambda t: 1 if t in (1, 2) else 2, "it is a Python Tuple"),
        (lambda t: t | 1, "the formula would be"),
        (math.sqrt, "its source is not available"),
    ],
)
def test_a_function_that_is_no_formula_is_rejected_with_the_reason(function, reason):
    assert reason in refused(function)


def looped(t):
    for _ in range(t):
        t -= 1
    return t


def endless(t):
    return endless(t - 1)


def unfinished(t):  # noqa: RET503
    if t > 3:
        return 1
    t += 1


def test_statements_that_are_no_formula_are_refused_with_their_line():
    assert "line 2 of it is a Python For" in refused(looped)
    assert "it calls endless" in refused(endless)
    assert "it may end without a return" in refused(unfinished)


def test_a_source_that_gives_other_values_is_not_believed():
    described = functions.describe(lambda t: 0.5**t)
    described["values"] = [(t, value if t < 40 else 0.0) for t, value in described["values"]]
    with pytest.raises(BadInput, match="a function whose values are those of its source"):
        formula_of(described, "$.lr_lambdas")


def test_values_are_taken_around_every_number_in_the_source():
    described = functions.describe(lambda t: 1.0 if t < 7777 else 0.0)
    assert {7776, 7777, 7778} <= {t for t, _ in described["values"]}
