"""The expressions of a framework's rates, evaluated and compared with its predicted rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrspec.bindings.backend import backend_of
from lrspec.codegen.emit import emit
from lrspec.dialect.rates import steps_of
from lrspec.dialect.recurrence import recurrence
from lrspec.engine.landmarks import landmarks
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput, Unsupported
from lrspec.scenario.builders import horizons
from lrspec.spec.origin import Origin
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import cases

FRAMEWORKS = ("torch", "paddle", "oneflow")
LONGEST = 1500
REPRESENTATIVE = [
    case
    for case in cases()
    if case.representative
    and case.recipe.schedule.machine is None
    and timeline(case.recipe).kind != "epochs"  # a training loop's, with the scheduler inside
]


def of_case(recipe, framework, steps):
    backend = backend_of(framework)
    near = [mark + off for mark in landmarks(recipe, steps) for off in range(-3, 4)]
    return recurrence(backend, emit(recipe, backend).tree, recipe.bases, steps, near=near)


def evaluated(found, steps):
    """Return the rates of *steps* steps, fewer if the recurrence fails."""
    state = dict(found.first)
    rates = [state["rate"]]
    for t in range(1, steps):
        state = found.step(t, state)
        if state is None:
            break
        rates.append(state["rate"])
    return rates


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("case", REPRESENTATIVE, ids=lambda case: case.id)
def test_a_recurrence_has_the_predicted_rates_to_the_last_bit(case, framework):
    steps = min(horizons(case.recipe)[1], LONGEST)
    try:
        origin = Origin(framework, "any")
        predicted = steps_of(replace(case.recipe, dialect=origin), range(steps)).rates
    except BadInput as error:
        pytest.skip(str(error))
    if (case.recipe.kind, framework) == ("multiplicative", "paddle"):
        with pytest.raises(Unsupported, match="product"):  # it multiplies all factors at every step
            of_case(case.recipe, framework, steps)
        return
    rates = evaluated(of_case(case.recipe, framework, steps), steps)
    assert len(rates) == len(predicted)
    np.testing.assert_array_equal(rates, predicted[:, 0])


def test_a_run_of_which_some_steps_are_traced():
    """The function of the warmup reads pi, whose value is traced in every step."""
    recipe = from_dict(
        {
            "schedule": "sequential",
            "base_lr": 1.0,
            "schedules": [
                {"schedule": "lambda", "factor": "cos(pi * t / 10000)"},
                {"schedule": "cosine_annealing", "T_max": 900},
            ],
            "milestones": [2500],
        }
    )
    steps = 4500
    predicted = steps_of(replace(recipe, dialect=Origin("torch", "any")), range(steps)).rates
    rates = evaluated(of_case(recipe, "torch", steps), steps)
    np.testing.assert_array_equal(rates, predicted[:, 0])


def test_a_constructor_that_computes_a_rate_with_pi():
    """The numbers that a constructor leaves are traced if its rule reads pi."""
    member = {"schedule": "cosine_annealing", "T_max": 8}
    chain = {"schedule": "chained", "schedules": [{"schedule": "step", "step_size": 6}, member]}
    whole = {"schedule": "sequential", "base_lr": 0.4, "schedules": [chain], "milestones": []}
    recipe = from_dict(whole)
    predicted = steps_of(replace(recipe, dialect=Origin("torch", "any")), range(60)).rates
    rates = evaluated(of_case(recipe, "torch", 60), 60)
    np.testing.assert_array_equal(rates, predicted[:, 0])
