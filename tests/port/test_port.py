"""Ports: native where native is right, exact where it is not, and what vouches for either."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.engine.closed_form import Rates, momentum
from lrspec.engine.units import in_epochs
from lrspec.errors import BadInput
from lrspec.port import port as porting
from lrspec.port.port import Port, port
from lrspec.port.report import report
from lrspec.port.verification import MOST_ULP
from lrspec.runtime.observation import Observation
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations

NOWHERE = dict.fromkeys(frameworks(), "/no/such/python")
STEP = {"schedule": "step", "base_lr": 0.4, "step_size": 7}
FORGETS = {
    "schedule": "chained",
    "base_lr": 1.0,
    "schedules": [
        {"schedule": "cosine_annealing", "T_max": 20},
        {"schedule": "multistep", "milestones": [1, 2, 3], "gamma": 0.1},
    ],
}
PLATEAU = {"schedule": "reduce_on_plateau", "base_lr": 0.4, "patience": 1, "metrics": [3, 2, 2, 2]}


def absent(document: dict, to: str = "torch", **options) -> Port:
    return port(from_dict(document), to, NOWHERE, **options)


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Run, Rates], Rates]], None]:
    """Put in the workers' place what a function makes of each run and its expected rates."""

    def replaced(seen: Callable[[Run, Rates], Rates]) -> None:
        def observe(runs: list[Run], _pythons: object) -> Observations:
            by_run = {run.id: _observed(run, seen(run, run.scenario.expected)) for run in runs}
            return Observations(by_run, {run.backend.name: "2.13.0" for run in runs})

        monkeypatch.setattr(porting, "observe", observe)

    return replaced


def _observed(run: Run, rates: Rates) -> Observation:
    scenario = run.scenario
    moved = momentum(scenario.recipe, scenario.t)
    return Observation("trace", "", rates, rates[: scenario.updates], None, moved)


def test_native_is_chosen_where_it_is_right(framework):
    framework(lambda _run, expected: expected)
    found = port(from_dict(STEP), "torch")
    assert (found.style, found.cause, found.reason) == ("native", "right", "PyTorch's own classes")
    assert "StepLR(optimizer, step_size=7, gamma=0.1)" in found.source
    assert found.certificate.checked_by == "framework"
    assert found.certificate.max_ulp_error == 0
    assert found.certificate.sha256 == hashlib.sha256(found.source.encode()).hexdigest()
    assert {scenario.partition("@")[0] for scenario in found.certificate.scenarios} == {
        "stepwise",
        "resume_state",
        "groups",
    }


def test_exact_is_chosen_where_native_diverges_and_the_comment_says_how(framework):
    def late(run: Run, expected: Rates) -> Rates:
        if run.argument_form == "standalone":
            return expected
        return np.concatenate([expected[:1], expected[:-1]])

    framework(late)
    found = port(from_dict(STEP), "torch")
    assert (found.style, found.cause) == ("standalone", "shifted by -1")
    said = " ".join(line.strip().removeprefix("# ") for line in found.source.splitlines())
    assert "Exact, not StepLR (PyTorch 2.13.0): " in said
    assert found.reason in said
    assert not found.certificate.diverges


def test_the_comment_says_when_a_divergence_shows(framework):
    def forgets(run: Run, expected: Rates) -> Rates:
        wrong = run.argument_form == "explicit" and run.scenario.kind == "resume_state"
        return expected * 2 if wrong else expected

    framework(forgets)
    reason = port(from_dict(STEP), "torch").reason
    assert reason.startswith("Exact, not StepLR (PyTorch 2.13.0, saved and loaded at step 6): ")


def test_exact_is_chosen_where_rounding_errors_add_up_and_every_digit_counts(framework):
    def drifts(by: float) -> Callable[[Run, Rates], Rates]:
        return lambda run, expected: expected * (1 if run.argument_form == "standalone" else 1 + by)

    framework(drifts(2 * np.finfo(float).eps))
    assert port(from_dict(STEP), "torch", ulp=MOST_ULP).style == "native"
    framework(drifts(2 * MOST_ULP * np.finfo(float).eps))
    found = port(from_dict(STEP), "torch")
    assert (found.style, found.cause, found.certificate.diverges) == ("native", "right", False)
    found = port(from_dict(STEP), "torch", ulp=MOST_ULP)
    assert (found.style, found.cause) == ("standalone", "rounding")
    assert "errors add up to" in found.reason


def test_native_is_kept_where_the_closed_form_does_no_better_and_the_certificate_says_so(framework):
    framework(lambda _run, expected: expected * 1.5)
    found = port(from_dict(STEP), "torch")
    assert found.style == "native"
    assert found.reason.startswith("The closed form does no better than StepLR (PyTorch 2.13.0): ")
    assert found.certificate.diverges
    assert found.certificate.text.startswith("DIVERGES in torch 2.13.0, scenario stepwise@30: ")


def test_the_very_text_that_is_handed_out_is_run(framework):
    texts = set()

    def watched(run: Run, expected: Rates) -> Rates:
        texts.add(run.emitted.text)
        return expected

    framework(watched)
    for standalone in (False, True):
        texts.clear()
        assert texts == set()
        found = port(from_dict(STEP), "paddle", standalone=standalone)
        assert texts == {found.source}


def test_groups_are_driven_where_one_text_serves_them(framework):
    framework(lambda _run, expected: expected)

    def driven(document: dict) -> bool:
        found = port(from_dict(document), "torch", standalone=True)
        return any(scenario.startswith("groups") for scenario in found.certificate.scenarios)

    assert driven(STEP)
    assert not driven({"schedule": "cosine_annealing", "base_lr": 0.4, "T_max": 4, "eta_min": 0.1})


def test_without_the_framework_the_ledger_vouches_for_native_source():
    found = absent(STEP)
    assert found.style == "native"
    assert found.certificate.version is None
    assert found.certificate.checked_by == "ledger"
    assert found.certificate.text.startswith("not run: ")
    assert "the ledger knows of no divergence under torch==" in found.certificate.text


def test_without_the_framework_what_the_ledger_knows_forces_exact_source():
    found = absent(FORGETS)
    assert found.style == "standalone"
    assert found.reason.startswith("Exact, not ChainedScheduler, CosineAnnealingLR and MultiStepLR")
    assert found.certificate.checked_by == "engine"
    assert not found.certificate.diverges
    assert found.certificate.max_ulp_error <= MOST_ULP
    assert "certified by lrspec's engine" in found.certificate.text


@pytest.mark.parametrize("to", [*frameworks(), "numpy"])
@pytest.mark.parametrize("document", [STEP, FORGETS, PLATEAU], ids=lambda d: d["schedule"])
def test_exact_can_be_asked_for(document: dict, to: str):
    found = absent(document, to, standalone=True)
    assert (found.style, found.cause) == ("standalone", "asked for")
    assert found.certificate.checked_by == "engine"
    assert not found.certificate.diverges


@pytest.mark.parametrize("factor", ["min(t ** -0.5, 1)", "1 / (1 + exp(t - 800))"])
def test_a_formula_that_python_cannot_follow_is_no_traceback(factor: str):
    """The specification's arithmetic passes through an infinity here, and Python's raises."""
    found = absent({"schedule": "lambda", "base_lr": 0.1, "factor": factor}, "numpy")
    assert found.certificate.diverges
    assert found.certificate.max_rel_error is None
    assert "DIFFERS by lrspec's engine" in found.certificate.text


def test_a_port_is_a_json_object_without_its_runs():
    assert list(absent(STEP).to_dict()) == ["source", "style", "reason", "certificate"]


def test_a_mode_that_can_follow_neither_is_refused_with_both_reasons():
    document = {"schedule": "noam", "base_lr": 1, "d_model": 4, "warmup_steps": 4}
    with pytest.raises(BadInput, match=r"no class that says it: only LambdaLR.*; and a Python"):
        absent(document, "oneflow-graph")


def test_the_report_counts_styles_and_gives_reasons(framework):
    framework(lambda run, expected: expected * (1 if run.argument_form == "standalone" else 1.01))
    case, backend = Case("step/one", "", from_dict(STEP)), backend_of("torch")
    (found,) = porting.ports([(case, backend)])
    written = report([(case, backend, found)])
    assert "| `step` | 1 standalone; 0 |" in written
    assert "- PyTorch 2.13.0: 1 ports: 1 standalone; 0 ULP" in written
    assert "as `step/one`: Exact, not StepLR" in written


def test_a_schedule_that_is_long_is_followed_past_its_end(framework):
    framework(lambda _run, expected: expected)
    long = {"schedule": "linear", "base_lr": 1.0, "end_factor": 0.0, "total_iters": 50_000}
    certificate = port(from_dict(long), "torch").certificate
    assert "long@70000" in certificate.scenarios
    assert "horizon" not in certificate.text


def test_a_certificate_says_where_no_run_came_to_the_horizon(framework):
    framework(lambda _run, expected: expected)
    long = {"schedule": "linear", "base_lr": 1.0, "end_factor": 0.0, "total_iters": 50_000}
    certificate = port(from_dict(long), "oneflow-graph").certificate
    assert "; no run came to the horizon, 50,000 updates; sha256" in certificate.text


def test_native_classes_whose_errors_add_up_to_more_than_rounding_are_not_right(framework):
    def drifting(run: Run, expected: Rates) -> Rates:
        return expected if run.argument_form == "standalone" else expected * (1 + 5e-12)

    framework(drifting)
    found = port(from_dict(STEP), "torch")
    assert (found.style, found.cause, found.certificate.diverges) == (
        "standalone",
        "rounding",
        False,
    )
    assert "errors add up to" in found.reason


def test_a_scheduler_for_epochs_says_when_it_is_to_be_stepped(framework):
    framework(lambda _run, expected: expected)
    epochs = in_epochs(from_dict({**STEP, "step_size": 600}), 100)
    found = port(epochs, "torch")
    assert "step_size=6," in found.source
    assert "call scheduler.step() once an epoch, after its 100 updates." in found.source
    assert "the rate of epoch t, as a fraction" in port(epochs, "torch", standalone=True).source


@pytest.mark.parametrize(
    ("document", "to", "said"),
    [
        (STEP, "torch", "It was read at update 9: to go on from there, step it 9 times first."),
        (STEP, "paddle", "It was read at update 9: to go on from there, step it 9 times first."),
        (STEP, "oneflow-graph", "It was read at update 9, and begins at update 0."),
        (PLATEAU, "torch", "It was read at update 9, and begins at update 0."),
    ],
)
def test_what_was_read_in_mid_run_says_how_to_go_on(document, to, said):
    found = absent({**document, "about": {"position": 9}}, to)
    assert said in " ".join(found.source.replace("#", "").split())


def test_a_position_in_epochs_is_stepped_in_epochs():
    recipe = from_dict({**STEP, "step_size": 600, "about": {"position": 900}})
    found = port(in_epochs(recipe, 100), "torch", NOWHERE)
    said = "It was read at epoch 9: to go on from there, step it 9 times first."
    assert said in " ".join(found.source.replace("#", "").split())


@pytest.mark.parametrize("number", ["9\nimport os", -1, True, float("inf"), [1], None])
@pytest.mark.parametrize("name", ["position", "updates_per_epoch"])
def test_what_a_stranger_says_about_a_recipe_is_not_taken_for_a_number(name, number):
    assert absent({**STEP, "about": {name: number}}).source == absent(STEP).source
