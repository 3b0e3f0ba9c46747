"""A framework's rates, predicted without the framework."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import lrspec
from lrspec.bindings.backend import backend_of
from lrspec.dialect.rates import steps_of
from lrspec.engine.state_machine import continued
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read
from lrspec.runtime.observation import Observation
from lrspec.spec.origin import Origin
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.departing import departing, meant, target_of, version_warning
from lrspec.suite.findings import finding, predicted
from lrspec.suite.plan import plan

NOAM = {"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2}
MULTISTEP = {"schedule": "multistep", "base_lr": 1.0, "milestones": [1.5], "gamma": 0.5}


def test_paddles_noam_is_one_step_late():
    """D ** -0.5 * min(t ** -0.5, t * W ** -1.5): 0 at step 0, and 1 / 2 ** 2.5 at step 1."""
    rates = lrspec.load(NOAM).as_in("paddle").trace(2)
    assert rates.ravel().tolist() == pytest.approx([0.0, 0.5 * 2**-1.5], rel=1e-15)


def test_a_plateau_follows_its_own_metrics():
    plateau = {
        "schedule": "reduce_on_plateau",
        "base_lr": 1.0,
        "patience": 0,
        "metrics": [1.0, 2.0],
    }
    rates = lrspec.load(plateau).as_in("torch").trace(3)
    assert rates.ravel().tolist() == [1.0, 1.0, 0.1]


def test_the_first_step_that_departs_is_known_beforehand():
    found = departing(lrspec.load(MULTISTEP).as_in("torch").recipe)
    assert found.finding.first_step == 2
    assert found.first == {"torch-milestone-between-steps": 2}


def test_a_schedule_as_in_a_framework_has_its_rates():
    schedule = lrspec.load(MULTISTEP)
    assert schedule.trace(4).ravel().tolist() == [1.0, 1.0, 0.5, 0.5]
    in_torch = schedule.as_in("torch==2.13.0")
    assert in_torch.trace(4).ravel().tolist() == [1.0] * 4
    assert (in_torch(3), in_torch([0, 3]).tolist(), in_torch.notes) == (1.0, [1.0, 1.0], ())
    assert in_torch.to_dict()["dialect"] == {"framework": "torch", "version": "2.13.0"}
    assert in_torch.as_specified().trace(4).ravel().tolist() == [1.0, 1.0, 0.5, 0.5]


def test_a_version_outside_the_range_is_noted():
    assert version_warning(Origin("torch", "2.13.0")) == ""
    (note,) = lrspec.load(NOAM).as_in("torch==1.0").notes
    assert note.startswith("PyTorch 1.0 is outside the versions that are modeled (")


@pytest.mark.parametrize("name", ["jax", "torch==", "torch==x", "", "==2"])
def test_an_invalid_backend_or_version_is_rejected(name: str):
    with pytest.raises(BadInput):
        target_of(name)


def test_a_step_that_the_framework_does_not_reach_is_refused():
    ended = {"schedule": "one_cycle", "base_lr": 0.1, "max_lr": 0.1, "total_steps": 5}
    expected = "step 6, expected an earlier step: torch 2.13.0 raises ValueError: Tried"
    with pytest.raises(BadInput, match=re.escape(expected)):
        lrspec.load(ended).as_in("torch").trace(9)


@pytest.mark.parametrize("t", [0.5, -1, [0.0, 1.5], "1"])
def test_a_framework_has_whole_steps_only(t: object):
    with pytest.raises(BadInput, match="whole steps"):
        lrspec.load(NOAM).as_in("paddle")(t)


def test_a_recipe_that_a_framework_cannot_express_is_rejected():
    cyclic = {"schedule": "cyclic", "base_lr": 0.1, "max_lr": 1, "step_size_up": 4}
    schedule = lrspec.load(cyclic).as_in("oneflow-graph")
    with pytest.raises(BadInput, match="OneFlow"):
        schedule.trace(3)


def test_a_conforming_run_names_what_departs_after_its_end():
    """T_0=1, T_mult=3 restarts at 1, 4, 13, 40, 121: log(243, 3) misses the last."""
    restarts = {"schedule": "cosine_warm_restarts", "base_lr": 1.0, "T_0": 1, "T_mult": 3}
    assert conforming(restarts, "oneflow", 100).startswith(
        "Conforms up to step 99; departs at step 121: CosineAnnealingWarmRestarts computes"
    )
    assert conforming(restarts, "torch", 100) == ""


def test_a_specification_without_finite_rates_after_the_end_is_no_error():
    assert conforming({"schedule": "exponential", "base_lr": 1.0, "gamma": 1e30}, "torch", 10) == ""


def conforming(recipe: dict, backend: str, steps: int) -> str:
    """Return the explanation of a run that is as predicted."""
    (run,) = plan(
        [Case("own", "", from_dict(recipe), own=True)], [backend_of(backend)], ["stepwise"], steps
    )
    seen = predicted(run)
    same = {"logged": seen.logged, "state": seen.state}
    found = finding(run, Observation("trace", "", seen.reported, seen.applied, **same))
    assert found.verdict == "conforms", found.explanation
    return found.explanation


CYCLE = {"schedule": "one_cycle", "base_lr": 0.5, "max_lr": 0.5, "total_steps": 1000}
OBSERVED = "OneCycleLR departs from the specification: at step 2 it uses 1 where the recipe has 0.5"


def read_of(recipe: dict, steps: int, *notes: str, position: int = 0, scale: float = 1.0) -> Read:
    """Return what is read of a PyTorch scheduler with the predicted rates, times *scale*."""
    rates = lrspec.load(recipe).as_in("torch").trace(position + steps)[position:] * scale
    about = {"position": position} if position else None
    read = replace(from_dict(recipe), about=about)
    return Read(read, notes, backend_of("torch"), rates.tolist(), bool(notes), "2.13.0")


def test_a_departure_beyond_the_steps_of_the_copy_is_told_in_full():
    recipe, notes = meant(read_of(CYCLE, 256))
    assert recipe.dialect == Origin("torch", "2.13.0")
    assert notes[0].startswith(
        "torch 2.13.0 departs from the specification from step 1000 on: 1 of"
    )
    assert notes[0].endswith("of the peak; then it raises ValueError before step 1001.")
    assert notes[1].startswith("torch-one-cycle-past-its-end, from step 1000: OneCycleLR extra")
    assert "The specification is right. Increase total_steps by 1" in notes[1]
    departs = recipe.about["departs"]
    assert (departs["first_step"], departs["ends"], departs["steps"]) == (1000, 1001, 2005)
    assert [one["id"] for one in departs["departures"]] == ["torch-one-cycle-past-its-end"]


def test_the_predicted_departure_replaces_the_observed_one():
    recipe, notes = meant(read_of(MULTISTEP, 5, "Another note.", OBSERVED))
    assert recipe.dialect is not None
    assert notes[0] == "Another note."
    assert notes[1].startswith("torch 2.13.0 departs from the specification from step 2 on: ")
    assert OBSERVED not in notes


def test_a_departing_scheduler_in_mid_run_has_its_dialect_too():
    recipe, _ = meant(read_of(MULTISTEP, 5, position=3))
    assert (recipe.position, str(recipe.dialect)) == (3, "torch 2.13.0")


def test_without_a_departure_a_recipe_means_the_specification():
    step = {"schedule": "step", "base_lr": 1.0, "step_size": 3}
    assert meant(read_of(step, 9)) == (from_dict(step), ())


def test_a_scheduler_with_other_rates_than_predicted_keeps_its_observed_note():
    read = read_of(CYCLE, 256, OBSERVED, scale=1.5)
    assert meant(read) == (read.recipe, (OBSERVED,))


def test_a_scheduler_of_no_framework_keeps_its_notes():
    read = replace(read_of(CYCLE, 256, OBSERVED), backend=None)
    assert meant(read) == (read.recipe, (OBSERVED,))


PLATEAU = {"schedule": "reduce_on_plateau", "base_lr": 1.0, "factor": 0.5, "patience": 1}


def test_a_plateau_departs_on_metrics_that_tell_implementations_apart():
    """Its own metrics, which never improve, show nothing."""
    found = departing(lrspec.load({**PLATEAU, "cooldown": 2}).as_in("paddle").recipe)
    assert found.metrics == "nan"
    assert {*found.first, *found.elsewhere} == {"paddle-plateau-cooldown", "paddle-plateau-nan"}
    assert "with metrics that tell implementations apart: NaN before the first" in found.sentence
    assert departing(lrspec.load({**PLATEAU, "cooldown": 2}).as_in("torch").recipe) is None


def test_a_departure_on_the_plateaus_own_metrics_is_shown_on_them():
    """Updates 0 and 1 make 2 without improvement; in Paddle the 3 is none on NaN, and 3 reduces."""
    recipe = lrspec.load({**PLATEAU, "metrics": [None, 3.0, 3.0, 3.0]}).as_in("paddle").recipe
    found = departing(recipe)
    assert (found.metrics, found.finding.first_step, found.elsewhere) == ("", 3, ())
    assert list(found.first) == ["paddle-plateau-nan"]


def plateau_read(position: int, cooldown: int, best: float | None) -> Read:
    """Return what is read of a Paddle plateau: its rates for five equal metrics."""
    state = {"best": best, "bad": 0, "cooling": 0, "rate": [1.0]}
    about = {"about": {"position": position, "state": state}} if position else {}
    schedule = lrspec.load({**PLATEAU, **about, "cooldown": cooldown, "metrics": [4.0] * 5})
    rates = steps_of(continued(schedule.as_in("paddle").recipe), range(6)).rates
    metrics = [4.0] * 5
    paddle = backend_of("paddle")
    ahead = rates.tolist()
    return Read(schedule.recipe, (), paddle, ahead, version="3.3.1", metrics=metrics)


@pytest.mark.parametrize(
    ("position", "cooldown", "best", "dialect"),
    [(0, 0, None, "paddle 3.3.1"), (3, 2, 4.0, "paddle 3.3.1"), (3, 0, 4.0, ""), (3, 2, None, "")],
)
def test_a_plateau_has_its_dialect_where_it_can_still_depart(
    position: int, cooldown: int, best: float | None, dialect: str
):
    """After the first metric without a cooldown it cannot, nor with NaN (null) as its best."""
    recipe, notes = meant(plateau_read(position, cooldown, best))
    assert str(recipe.dialect or "") == dialect
    assert bool(notes) == bool(dialect)
