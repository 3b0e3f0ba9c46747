"""The rates of each form after a disturbance, against rates worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.scenario.scenario import Scenario
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.scenario.simulation import CLOSED, OWN, RECURSIVE, RESTATED, forms, simulate
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

HALVED = from_dict({"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5})  # 1, 1/2, 1/4, …
PLATEAU = from_dict({"schedule": "reduce_on_plateau", "base_lr": 1.0, "factor": 0.5, "patience": 0})


def rates(*actions, form, name="changed@2:halved", recipe=HALVED, **more) -> list[list[float]]:
    scenario = Scenario(
        ScenarioId.parse(name), recipe, actions, np.arange(9.0), **more.pop("fields", {})
    )
    return simulate(scenario, form, **more).T.tolist()


def test_a_change_persists_in_recursive_form_and_is_undone_in_closed_form():
    actions = ("updates", 2), ("multiply", 0.5), ("updates", 3)
    assert rates(*actions, form=CLOSED) == [[1, 0.5, 0.125, 0.125, 0.0625]]
    assert rates(*actions, form=RECURSIVE) == [[1, 0.5, 0.125, 0.0625, 0.03125]]
    assert rates(("updates", 1), ("set", 8), ("updates", 2), form=RECURSIVE) == [[1, 8, 4]]


def test_a_second_scheduler_starts_from_the_base_rate_or_from_the_current_one():
    actions = ("updates", 2), ("rebuild", None), ("updates", 2)
    assert rates(*actions, form=CLOSED) == [[1, 0.5, 1, 0.5]]
    assert rates(*actions, form=RECURSIVE) == [[1, 0.5, 0.25, 0.125]]


def test_a_scheduler_may_have_a_rate_of_its_own():
    actions = ("updates", 1), ("use", 1), ("updates", 2)
    both = {"fields": {"others": (HALVED,)}}
    assert rates(*actions, form=CLOSED, **both) == [[1, 0.5, 0.5]]
    assert rates(*actions, form=RECURSIVE, **both) == [[1, 0.5, 0.25]]
    assert rates(*actions, form=OWN, **both) == [[1, 1, 0.5]]


NINE_TENTHS = from_dict({"schedule": "exponential", "base_lr": 1.0, "gamma": 0.9})


def test_schedulers_stepped_together_compose_in_recursive_form_only():
    together = ("together", (3, 2))
    both = {"recipe": NINE_TENTHS, "fields": {"others": (HALVED,)}}
    assert rates(together, form=CLOSED, **both) == [[1, 0.5, 0.25]]
    assert rates(together, form=OWN, **both) == [[1, 0.5, 0.25]]
    np.testing.assert_allclose(rates(together, form=RECURSIVE, **both), [[1, 0.45, 0.2025]])


def test_the_current_schedulers_own_rate_is_used_from_its_first_update():
    from_a_half = from_dict({"schedule": "constant", "base_lr": 1.0, "factor": 0.5})
    turn = {"fields": {"others": (from_a_half,)}}
    assert rates(("updates", 1), ("use", 1), ("updates", 1), form=OWN, **turn) == [[1, 0.5]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (CLOSED, [1, 0.125, 0.25, 0.125, 0.0625]),
        (RECURSIVE, [1, 0.125, 0.0625, 0.015625, 0.0078125]),
        (RESTATED, [1, 0.125, 0.0625, 0.125, 0.0625]),
    ],
)
def test_a_jump_undoes_a_change_if_it_uses_the_closed_form(form, expected):
    """Set to an eighth at step 1, two updates, and a jump to step 3."""
    actions = ("updates", 1), ("set", 0.125), ("updates", 2), ("jump", 3), ("updates", 2)
    assert rates(*actions, form=form) == [expected]


def test_the_form_of_jumps_is_simulated_only_in_scenarios_with_a_jump():
    scenario = Scenario(
        ScenarioId("jump", 1, "changed"), HALVED, (("jump", 1), ("updates", 1)), np.arange(1.0)
    )
    assert RESTATED in forms(scenario)
    plain = Scenario(
        ScenarioId("changed", 1, "set"), HALVED, (("set", 1), ("updates", 1)), np.arange(1.0)
    )
    assert RESTATED not in forms(plain)


def test_a_late_group_uses_its_own_rate_first():
    actions = ("updates", 2), ("add_group", 0.25), ("updates", 2)
    for form, then in ((CLOSED, 0.25 * 0.125), (RECURSIVE, 0.125)):
        first, late = rates(*actions, form=form)
        assert first == [1, 0.5, 0.25, 0.125]
        np.testing.assert_array_equal(late, [np.nan, np.nan, 0.25, then])


def test_a_state_machine_continues_from_the_optimizers_rate_or_from_its_own():
    actions = ("metrics", (1.0, 1.0)), ("multiply", 0.5), ("metrics", (1.0, 1.0))
    assert rates(*actions, form=RECURSIVE, recipe=PLATEAU) == [[1, 1, 0.25, 0.125]]
    assert rates(*actions, form=CLOSED, recipe=PLATEAU) == [[1, 1, 0.25, 0.25]]
