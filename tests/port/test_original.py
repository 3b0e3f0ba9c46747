"""Ports that keep the rates of a framework, without the framework: by its dialect."""

from __future__ import annotations

import math

import pytest

import lrspec
from lrspec.bindings.backend import backend_of
from lrspec.codegen.plain_function import functions_of
from lrspec.port.class_by_class import class_by_class

NOAM = {"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2}
ENDED = {"schedule": "one_cycle", "base_lr": 0.1, "max_lr": 0.1, "total_steps": 5}
CHAIN = {
    "schedule": "chained",
    "base_lr": 1.0,
    "schedules": [
        {"schedule": "cosine_annealing", "T_max": 20},
        {"schedule": "multistep", "milestones": [5], "gamma": 0.1},
    ],
}
WARMUP_AND_COSINE = {
    "schedule": "linear_warmup",
    "base_lr": 0.1,
    "warmup_steps": 100,
    "after": {"schedule": "cosine_annealing", "T_max": 1000},
}


@pytest.fixture(autouse=True)
def _absent(monkeypatch):
    for framework in ("TORCH", "PADDLE", "ONEFLOW"):
        monkeypatch.setenv(f"LRSPEC_{framework}_PYTHON", "/no/such/python")


def test_paddles_noam_is_ported_one_step_late():
    """Paddle's NoamDecay: d_model ** -0.5 * min(t ** -0.5, t * warmup_steps ** -1.5), 0 at 0."""
    ported = lrspec.port(lrspec.load(NOAM).as_in("paddle"), to="torch")
    rate = functions_of(ported.source)["rate"]
    assert rate(0) == 0.0
    assert rate(1) == pytest.approx(0.5 * 2**-1.5, rel=1e-15)
    assert rate(9) == pytest.approx(0.5 * 9**-0.5, rel=1e-15)
    assert (
        "from the original as predicted by the dialect of paddle 3.3.1" in ported.certificate.text
    )
    assert "paddle-noam-from-zero, from step 0: NoamDecay" in " ".join(
        ported.source.replace("#", "").split()
    )


def test_a_rate_that_depends_on_the_one_before_becomes_a_small_class():
    ported = lrspec.port(lrspec.load(CHAIN).as_in("torch"), to="paddle")
    assert "class ChainedAsInTorch(LRScheduler):" in ported.source
    assert "def after(self, t, rate):" in ported.source
    plain = lrspec.port(lrspec.load(CHAIN).as_in("torch"), to="numpy")
    rates = functions_of(plain.source)["rates"]()
    first = [next(rates) for _ in range(22)]
    assert first[4] == pytest.approx((1 + math.cos(math.pi * 4 / 20)) / 2, rel=1e-12)
    assert first[5] == pytest.approx((1 + math.cos(math.pi * 5 / 20)) / 20, rel=1e-12)
    # One step after T_max the cosine adds a part of the base rate, not of the reduced one.
    assert first[21] == pytest.approx(first[20] + (1 - math.cos(math.pi / 20)) / 2, rel=1e-12)


def test_where_the_original_raises_the_port_raises_or_holds():
    schedule = lrspec.load(ENDED).as_in("torch")
    rate = functions_of(lrspec.port(schedule, to="numpy").source)["rate"]
    last = rate(5)
    with pytest.raises(ValueError, match="Tried to step"):
        rate(6)
    held = functions_of(lrspec.port(schedule, to="numpy", hold_at_errors=True).source)["rate"]
    assert [held(5), held(6), held(99)] == [last] * 3


def test_as_specified_is_the_port_of_the_specification_and_says_what_the_original_did():
    schedule = lrspec.load(NOAM)
    ported = lrspec.port(schedule.as_in("paddle"), to="numpy", as_specified=True)
    assert functions_of(ported.source)["rate"](0) == pytest.approx(0.5 * 2**-1.5, rel=1e-15)
    assert ported.certificate.text.startswith("certified by lrspec's engine")
    *_, distance, departs, _ = ported.certificate.text.splitlines()
    assert distance.endswith(" from the specification")
    assert departs.startswith("  paddle 3.3.1 departs from the specification from step 0 on: ")
    assert ported.certificate.departs["departures"][0]["id"] == "paddle-noam-from-zero"


def test_native_is_right_within_the_run_and_a_horizon_past_it():
    schedule = lrspec.load(WARMUP_AND_COSINE)
    native = lrspec.port(schedule, to="torch")
    assert native.style == "native"
    assert "rounding errors that add up from step" in native.certificate.text
    assert lrspec.port(schedule, to="torch", ulp=100).style == "standalone"
    assert lrspec.port(schedule, to="torch", ulp=1e7).style == "native"


def test_class_by_class_has_the_calls_side_by_side_and_the_first_step_that_differs():
    found = class_by_class(lrspec.load(NOAM).as_in("paddle").recipe, backend_of("torch"))
    ((theirs, ours),) = found.rows
    assert theirs.startswith("NoamDecay(d_model=4, warmup_steps=2")
    assert ours.startswith("LambdaLR(lr_lambda=")
    assert "at step 0 where the original has 0" in found.lines[0]


def test_a_class_that_the_target_lacks_is_said():
    found = class_by_class(lrspec.load(CHAIN).as_in("torch").recipe, backend_of("paddle"))
    assert found.rows[0] == (
        "ChainedScheduler()",
        "no class: no class runs several schedulers at once",
    )
    assert found.lines == ()


def test_the_users_own_class_is_named_in_the_place_of_the_one_that_it_is_read_as():
    recipe = {"schedule": "lambda", "base_lr": 0.1, "factor": "1 / (1 + t)"}
    own = {"1 / (1 + t)": "Inverse"}
    read = lrspec.load(recipe).as_in("torch").recipe
    ((theirs, ours),) = class_by_class(read, backend_of("paddle"), own).rows
    assert theirs == "Inverse, whose get_lr is its own"
    assert ours.startswith("LambdaDecay(")


def test_rounding_errors_that_add_up_are_no_other_rates():
    paddle = lrspec.load(WARMUP_AND_COSINE).as_in("paddle")
    (line, *_) = class_by_class(paddle.recipe, backend_of("torch")).lines
    assert line.startswith("Class by class it would have the same rates up to step 19999, but for")


PLATEAU = {
    "schedule": "reduce_on_plateau",
    "base_lr": 1.0,
    "factor": 0.5,
    "patience": 0,
    "cooldown": 2,
}
#: The first reduction is at update 1; 1.0 is a new best one during the cooldown.
METRICS = [4.0, 4.0, 1.0, 4.0, 2.0, 2.0]


def test_paddles_plateau_is_ported_with_its_own_rule():
    """Paddle compares 2.0 with 4.0 and not with 1.0, so it does not reduce at update 4."""
    schedule = lrspec.load(PLATEAU)
    rates = {
        name: list(functions_of(lrspec.port(one, to="numpy").source)["rates"](METRICS))
        for name, one in (("paddle", schedule.as_in("paddle")), ("specified", schedule))
    }
    assert rates["paddle"] == [1.0, 1.0, 0.5, 0.5, 0.5, 0.5]
    assert rates["specified"] == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    as_specified = lrspec.port(schedule.as_in("paddle"), to="numpy", as_specified=True).source
    assert list(functions_of(as_specified)["rates"](METRICS)) == rates["specified"]


def test_the_class_of_paddles_plateau_is_short_and_says_why():
    ported = lrspec.port(lrspec.load(PLATEAU).as_in("paddle"), to="torch")
    assert ported.style == "standalone"
    _, _, body = ported.source.partition("class ReduceOnPlateauAsInPaddle(LRScheduler):")
    assert len(body.partition("\ndef build_scheduler")[0].splitlines()) < 50
    assert "paddle-plateau-cooldown" in body
    assert ported.certificate.departs["metrics"] in ("cooldown", "nan")
    assert lrspec.port(lrspec.load(PLATEAU).as_in("paddle"), to="paddle").style == "native"
    assert lrspec.port(lrspec.load(PLATEAU).as_in("torch"), to="oneflow").style == "native"


def test_two_plateaus_are_compared_with_telling_metrics():
    schedule = lrspec.load(PLATEAU)
    assert lrspec.compare(schedule.as_in("paddle"), schedule).kind == "divergence"
    assert lrspec.compare(schedule.as_in("torch"), schedule).kind == "exact"
    other = lrspec.load({**PLATEAU, "patience": 1})
    assert lrspec.compare(other, schedule).kind == "divergence"
