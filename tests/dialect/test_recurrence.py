"""The expressions of a framework's rates, evaluated and compared with its predicted rates."""

from __future__ import annotations

import ast
import math
from bisect import bisect_right

import numpy as np
import pytest

from lrspec.bindings.backend import backend_of
from lrspec.codegen.emit import emit
from lrspec.dialect.recurrence import Branch, Failure, recurrence
from lrspec.engine.landmarks import landmarks
from lrspec.errors import BadInput, Unsupported
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import from_dict
from lrspec.spec.formula.unparse import unparse
from lrspec.suite.cases import cases
from lrspec.suite.predicted_rates import predicted_rates

FRAMEWORKS = ("torch", "paddle", "oneflow")
LONGEST = 1500
SPACE = {"math": math, "bisect_right": bisect_right}
REPRESENTATIVE = [c for c in cases() if c.representative and c.recipe.schedule.machine is None]


def of_case(recipe, framework, steps):
    backend = backend_of(framework)
    near = [mark + off for mark in landmarks(recipe, steps) for off in range(-3, 4)]
    return recurrence(backend, emit(recipe, backend).tree, recipe.bases, steps, near=near)


def evaluated(found, steps):
    """Return the rates of *steps* steps, fewer if the recurrence fails, computed by Python."""
    state = dict(found.first)
    rates = [state["rate"]]
    for t in range(1, steps):
        node, names = found.node, {**state, "t": t}
        while isinstance(node, Branch):
            node = node.then if eval(unparse(node.test), SPACE, names) else node.other
        if isinstance(node, Failure):
            break
        state = {name: eval(unparse(tree), SPACE, names) for name, tree in node.values.items()}
        rates.append(state["rate"])
    return rates


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("case", REPRESENTATIVE, ids=lambda case: case.id)
def test_a_recurrence_has_the_predicted_rates_to_the_last_bit(case, framework):
    steps = min(horizons(case.recipe)[1], LONGEST)
    try:
        predicted = predicted_rates(case.recipe, backend_of(framework), steps).rates
    except BadInput as error:
        pytest.skip(str(error))
    if not len(predicted):
        pytest.skip("the framework rejects it")
    rates = evaluated(of_case(case.recipe, framework, steps), steps)
    assert len(rates) == len(predicted)
    np.testing.assert_array_equal(rates, predicted[:, 0])
