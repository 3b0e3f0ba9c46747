"""A verdict comes from evidence: each kind from a trace that shows it, made from exact values."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.engine.closed_form import at
from lrspec.runtime.observation import Observation, from_answer
from lrspec.scenario.builders import expand
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import from_dict
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare
from lrspec.verdict.explain import Judgement, judge

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 10}
STEPS = {"schedule": "step", "base_lr": 1.0, "step_size": 6, "gamma": 0.5}
WARMUP = {
    "schedule": "linear_warmup",
    "base_lr": 1.0,
    "warmup_steps": 4,
    "after": {"schedule": "cosine_annealing", "T_max": 12},
}


def judged(scenario: Scenario, rates, error: str | None = None, applied=None) -> Judgement:
    observed = np.asarray(rates, dtype=float).reshape(-1, len(scenario.recipe.bases))
    seen = observed if applied is None else np.asarray(applied, dtype=float).reshape(observed.shape)
    return judge(scenario, Observation("trace", "", observed, seen, error), "float64", "float64")


def stepwise(document: dict, steps: int = 25) -> Scenario:
    return expand(from_dict(document), "stepwise", steps)[0]


def expected(scenario: Scenario, t=None):
    return at(scenario.recipe, scenario.t if t is None else t)


def test_the_same_rates_conform_exactly():
    scenario = stepwise(COSINE)
    assert judged(scenario, expected(scenario)).kind == "exact"


@pytest.mark.parametrize(
    ("error", "verdict", "kind"),
    [
        (5e-13, "conforms", "rounding"),
        (5e-11, "conforms", "drift"),
        (5e-9, "diverges", "unexplained"),
        (1.5e-6, "diverges", "unexplained"),
    ],
)
def test_an_error_is_weighed_against_the_peak(error: float, verdict: str, kind: str):
    scenario = stepwise({**COSINE, "base_lr": 0.01})
    noise = 0.01 * error * np.cos(np.arange(25.0) * 7).reshape(-1, 1)
    found = judged(scenario, expected(scenario) + noise)
    assert (found.verdict, found.kind) == (verdict, kind)


@pytest.mark.parametrize("shift", [1, -1, 2, -2, 3, -3])
@pytest.mark.parametrize("document", [COSINE, STEPS, WARMUP], ids=["cosine", "step", "warmup"])
def test_a_shifted_curve_is_shifted(document: dict, shift: int):
    scenario = stepwise(document)
    found = judged(scenario, expected(scenario, np.maximum(scenario.t + shift, 0)))
    assert found.kind == f"shifted by {shift:+d}"
    assert ("early" if shift > 0 else "late") in found.explanation


def test_a_shift_from_a_landmark_on_is_told_from_a_shift_of_all():
    scenario = stepwise(WARMUP)
    late = np.where(scenario.t >= 4, np.maximum(scenario.t - 1, 4), scenario.t)
    rates = expected(scenario, late)
    found = judged(scenario, np.where(scenario.t[:, None] == 4, expected(scenario, 3), rates))
    assert found.kind == "shifted by -1 from a landmark"
    assert "from step 4 (end of the warmup) on" in found.explanation
    assert found.first == 4


def test_a_wrong_landmark_is_named():
    scenario = stepwise(STEPS)
    rates = expected(scenario)
    rates[12] = rates[11]
    found = judged(scenario, rates)
    assert (found.kind, found.first) == ("off at landmarks", 12)
    assert "Wrong at the decay at step 12, and nowhere else." in found.explanation
    assert "uses 0.5 where the specification has 0.25" in found.explanation


def test_a_wrong_start_is_a_landmark_too():
    scenario = stepwise(COSINE)
    rates = expected(scenario)
    rates[0] = rates[1]
    assert judged(scenario, rates).explanation.startswith("Wrong at the start at step 0")


def test_local_and_global_time_are_told_apart():
    sequence = {
        "schedule": "sequential",
        "base_lr": 1.0,
        "schedules": [
            {"schedule": "constant", "factor": 0.1, "total_iters": 2},
            {"schedule": "exponential", "gamma": 0.9},
        ],
        "milestones": [2],
    }
    local, globally = stepwise(sequence, 6), stepwise({**sequence, "time": "global"}, 6)
    found = judged(local, [0.1, 0.1, 0.9**2, 0.9**3, 0.9**4, 0.9**5])
    assert (found.kind, found.first) == ("other time base", 2)
    assert "from the start of the run (global time), not from its milestone" in found.explanation
    found = judged(globally, [0.1, 0.1, 1, 0.9, 0.81, 0.729])
    assert "from its milestone (local time), not from the start of the run" in found.explanation


def test_a_warmup_that_aims_at_the_later_rate_is_explained():
    scenario = stepwise(WARMUP, 20)
    after = from_dict({**WARMUP["after"], "base_lr": 1.0})
    aimed = at(after, 4)[0]
    rates = np.where(scenario.t < 4, scenario.t / 4 * aimed, at(after, scenario.t)[:, 0])
    found = judged(scenario, rates)
    assert found.kind == "other time base"
    assert "the warmup aims at its rate there, 0.75" in found.explanation


def test_members_that_overwrite_one_another_are_in_recursive_form():
    chain = {
        "schedule": "chained",
        "base_lr": 1.0,
        "schedules": [
            {"schedule": "cosine_warm_restarts", "T_0": 20},
            {"schedule": "multistep", "milestones": [2], "gamma": 0.1},
        ],
    }
    scenario = stepwise(chain)
    rates = at(
        from_dict({"schedule": "cosine_warm_restarts", "T_0": 20, "base_lr": 1.0}), scenario.t
    )
    rates[2] *= 0.1
    found = judged(scenario, rates)
    assert (found.kind, found.first) == ("recursive form", 3)


def test_a_jump_that_only_multiplies_is_in_recursive_form():
    scenario = expand(from_dict(STEPS), "jump", 20)[0]
    recursive = []
    rate, before = 1.0, None
    for t in scenario.t.tolist():
        jumped = before is not None and t != before + 1
        if jumped and (before + 1) % 6 == 0:
            rate *= 0.5
        rate = 1.0 if t == 0 else rate * (0.5 if t % 6 == 0 else 1)
        recursive.append(rate)
        before = t
    found = judged(scenario, recursive)
    assert found.kind == "recursive form"
    assert "what was passed over is not made up for" in found.explanation


@pytest.mark.parametrize(
    ("words", "tail"),
    [
        ("held", lambda t: np.minimum(t, 10)),
        ("held one step early", lambda t: np.minimum(t, 9)),
        ("repeated", lambda t: np.where(t >= 10, (t - 10) % 10, t)),
    ],
)
def test_another_tail_is_named(words: str, tail):
    scenario = stepwise(COSINE)
    found = judged(scenario, expected(scenario, tail(scenario.t)))
    assert found.kind == "other tail"
    assert f"From its end at step 10 on the rate is {words}." in found.explanation


def test_a_mirror_and_a_zero_after_the_end_are_tails():
    fall = {"schedule": "cosine_decay", "base_lr": 1.0, "decay_steps": 10, "alpha": 0.1}
    scenario = stepwise(fall, 18)
    mirrored = expected(scenario, np.where(scenario.t > 10, 20 - scenario.t, scenario.t))
    assert "the rate is mirrored" in judged(scenario, mirrored).explanation
    zero = np.where(scenario.t[:, None] >= 10, 0.0, expected(scenario))
    assert "the rate is zero" in judged(scenario, zero).explanation


def test_an_end_that_never_comes_is_explained():
    scenario = stepwise(
        {"schedule": "constant", "base_lr": 1.0, "factor": 0.25, "total_iters": 0}, 8
    )
    found = judged(scenario, [0.25] * 8)
    assert found.kind == "landmark never reached"
    assert "total_iters = 0 is never reached" in found.explanation


def test_float32_rates_are_float32():
    scenario = stepwise(COSINE)
    rounded = expected(scenario).astype(np.float32)
    found = judged(scenario, rounded, applied=rounded)
    assert found.kind == "float32"


def test_float32_modes_are_held_to_their_own_bound():
    scenario = stepwise(COSINE)
    applied = expected(scenario).astype(np.float32).astype(float)
    seen = Observation("trace", "", None, applied)
    assert judge(scenario, seen, "float32", "float32").kind == "rounding"
    wrong = Observation("trace", "", None, applied * (1 + 3e-6))
    assert judge(scenario, wrong, "float32", "float32").verdict == "diverges"


def test_applied_and_reported_rates_must_tell_one_story():
    scenario = stepwise(COSINE, 6)
    rates = expected(scenario)
    applied = rates.copy()
    applied[3] /= 2
    found = judged(scenario, rates, applied=applied)
    assert (found.kind, found.first) == ("misreported", 3)
    single = Observation("trace", "", rates, rates.astype(np.float32).astype(float))
    assert judge(scenario, single, "float64", "float32").kind == "exact"


def test_an_error_is_an_observation_at_its_step():
    scenario = stepwise(COSINE, 6)
    found = judged(scenario, expected(scenario)[:4], "ValueError: no")
    assert (found.verdict, found.kind, found.first) == ("diverges", "error raised", 4)
    assert "Raises before step 4" in found.explanation
    found = judged(scenario, expected(scenario), "ValueError: no")
    assert found.explanation == "Raises after step 5: ValueError: no"


def test_an_error_after_a_divergence_is_told_with_it():
    scenario = stepwise(COSINE, 12)
    found = judged(scenario, expected(scenario, scenario.t + 1)[:8], "ValueError: no")
    assert found.kind == "shifted by +1, then an error"
    assert found.explanation.endswith("Then it raises: ValueError: no")


def test_lost_updates_are_no_trace():
    scenario = stepwise(COSINE, 6)
    found = judged(scenario, expected(scenario)[:4])
    assert (found.verdict, found.explanation) == ("errored", "4 updates were recorded of 6")


def test_as_many_rates_must_be_applied_as_are_reported():
    scenario = stepwise(COSINE, 6)
    rates = expected(scenario)
    found = judge(scenario, Observation("trace", "", rates, rates[:4]), "float64", "float64")
    assert (found.verdict, found.explanation[:17]) == ("errored", "as many rates mus")


def test_nan_is_never_right():
    scenario = stepwise(COSINE, 6)
    rates = expected(scenario)
    rates[2] = np.nan
    found = judged(scenario, rates)
    assert (found.verdict, found.first) == ("diverges", 2)


@pytest.mark.parametrize("status", ["rejected", "crashed", "timeout", "errored", "absent"])
def test_without_a_trace_the_status_is_the_verdict(status: str):
    found = judge(stepwise(COSINE), Observation(status, "because"), "float64", "float64")
    assert (found.verdict, found.kind, found.explanation) == (status, status, "because")


def test_observations_are_kept_exactly():
    rates = np.array([[0.1, 1 / 3], [np.nan, np.inf]])
    for applied in (rates, rates.astype(np.float32).astype(float), rates / 3):
        seen = Observation("trace", "", rates, applied, "E: x")
        back = from_answer(seen.to_answer())
        np.testing.assert_array_equal(back.reported, rates)
        np.testing.assert_array_equal(back.applied, applied)
        assert back.error == "E: x"
    assert Observation("trace", "", rates[:1], rates[:1]).to_answer().applied == "reported"
    assert from_answer(Observation("rejected", "no").to_answer()) == Observation("rejected", "no")


def test_a_comparison_counts_what_differs():
    a = np.ones((5, 2))
    b = a.copy()
    b[1, 0] += 0.5
    b[3, 1] -= 0.25
    difference = compare(a, b, tolerance_of("float64"))
    assert (difference.kind, difference.first, difference.count) == ("divergence", 1, 2)
    assert difference.rows.tolist() == [1, 3]
    assert (difference.max_abs, difference.max_rel) == (0.5, 0.5)
    assert difference.max_ulp == 0.5 / 2**-52
    with pytest.raises(ValueError, match="shapes"):
        compare(a, b[:3], tolerance_of("float64"))


def test_a_milestone_between_two_steps_that_never_comes_is_explained():
    between = {"schedule": "multistep", "base_lr": 1.0, "milestones": [2.5, 4], "gamma": 0.5}
    scenario = stepwise(between, 8)
    found = judged(scenario, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
    assert (found.kind, found.first) == ("landmark never reached", 3)
    assert "milestones 2.5 never come: no step equals them" in found.explanation
