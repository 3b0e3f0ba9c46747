"""Ports: native source where it matches, standalone source where it does not; certificates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import numpy as np
import pytest

import lrspec
from lrspec.bindings.backend import backend_of, frameworks
from lrspec.codegen.emit import emit
from lrspec.codegen.plain_function import plain
from lrspec.engine.closed_form import Rates, momentum
from lrspec.engine.state_machine import continued
from lrspec.engine.units import in_epochs
from lrspec.errors import BadInput
from lrspec.port import verification
from lrspec.port.certificate import MAX_ULP, by_engine
from lrspec.port.port import port, ports
from lrspec.port.report import report
from lrspec.port.result import Port
from lrspec.runtime.observation import Observation
from lrspec.scenario.declaration import declared
from lrspec.spec.recipe import from_dict
from lrspec.suite import findings
from lrspec.suite.cases import Case
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations

pytestmark = pytest.mark.every_python

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


def test_the_package_port_does_not_hide_the_function_of_the_same_name():
    assert callable(lrspec.port)


def absent(document: dict, to: str = "torch", **options) -> Port:
    return port(from_dict(document), to, NOWHERE, **options)


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Run, Rates], Rates]], None]:
    """Replace the workers by a function of each run and its specified rates."""

    def replace(rates: Callable[[Run, Rates], Rates]) -> None:
        def observe(runs: list[Run], _pythons: object) -> Observations:
            by_run = {run.id: _observed(run, rates(run, run.scenario.expected)) for run in runs}
            return Observations(by_run, {run.backend.name: "2.13.0" for run in runs})

        monkeypatch.setattr(verification, "observe", observe)
        monkeypatch.setattr(findings, "predicted", lambda _run: None)  # they are no such framework

    return replace


def _observed(run: Run, rates: Rates) -> Observation:
    scenario = run.scenario
    moving = momentum(scenario.recipe, scenario.t)
    return Observation("trace", "", rates, rates[: scenario.updates], None, moving)


def test_native_source_that_conforms_is_chosen(framework):
    framework(lambda _run, expected: expected)
    ported = port(from_dict(STEP), "torch")
    assert (ported.style, ported.cause, ported.reason) == (
        "native",
        "conforms",
        "PyTorch's own classes",
    )
    assert "StepLR(optimizer, step_size=7, gamma=0.1)" in ported.source
    assert ported.certificate.checked_by == "framework"
    assert ported.certificate.max_ulp_error == 0
    assert ported.certificate.sha256 == hashlib.sha256(ported.source.encode()).hexdigest()
    assert {scenario.partition("@")[0] for scenario in ported.certificate.scenarios} == {
        "stepwise",
        "resume_state",
        "groups",
    }


def test_standalone_source_is_chosen_where_native_source_diverges(framework):
    def late(run: Run, expected: Rates) -> Rates:
        if run.argument_form == "standalone":
            return expected
        return np.concatenate([expected[:1], expected[:-1]])

    framework(late)
    ported = port(from_dict(STEP), "torch")
    assert (ported.style, ported.cause) == ("standalone", "unpredicted")
    comment = " ".join(line.strip().removeprefix("# ") for line in ported.source.splitlines())
    assert "Standalone, because StepLR (PyTorch 2.13.0) differs: " in comment
    assert ported.reason in comment
    assert not ported.certificate.diverges


def test_the_comment_names_the_scenario_that_shows_a_divergence(framework):
    def forgets(run: Run, expected: Rates) -> Rates:
        wrong = run.argument_form == "explicit" and run.scenario.id.name == "resume_state"
        return expected * 2 if wrong else expected

    framework(forgets)
    reason = port(from_dict(STEP), "torch").reason
    differs = "StepLR (PyTorch 2.13.0, saved and loaded at step 6) differs: "
    assert reason.startswith(f"Standalone, because {differs}")


def test_standalone_source_is_chosen_where_rounding_errors_exceed_the_given_ulp(framework):
    def drifts(by: float) -> Callable[[Run, Rates], Rates]:
        return lambda run, expected: expected * (1 if run.argument_form == "standalone" else 1 + by)

    framework(drifts(2 * np.finfo(float).eps))
    assert port(from_dict(STEP), "torch", ulp=MAX_ULP).style == "native"
    framework(drifts(2 * MAX_ULP * np.finfo(float).eps))
    ported = port(from_dict(STEP), "torch")
    assert (ported.style, ported.cause, ported.certificate.diverges) == (
        "native",
        "conforms",
        False,
    )
    ported = port(from_dict(STEP), "torch", ulp=MAX_ULP)
    assert (ported.style, ported.cause) == ("standalone", "rounding")
    assert "the rounding errors of StepLR (PyTorch 2.13.0) add up to" in ported.reason


def test_native_source_is_chosen_where_both_diverge_and_its_certificate_says_so(framework):
    framework(lambda _run, expected: expected * 1.5)
    ported = port(from_dict(STEP), "torch")
    assert ported.style == "native"
    assert ported.reason.startswith("Native, although StepLR (PyTorch 2.13.0) differs: ")
    assert ported.reason.endswith("; a standalone source differs too.")
    assert ported.certificate.diverges
    assert ported.certificate.text.startswith("DEPARTS in torch 2.13.0, scenario stepwise@30: ")


def test_the_reason_for_native_source_that_diverges_is_why_there_is_no_other(framework):
    framework(lambda _run, expected: expected * 1.5)
    reason = port(from_dict(STEP), "oneflow-graph").reason
    assert reason.startswith("Native, although StepLR (")
    assert "; a Python function cannot be compiled into a graph" in reason


def test_the_source_that_is_returned_is_the_one_that_was_run(framework):
    texts = set()

    def watched(run: Run, expected: Rates) -> Rates:
        texts.add(run.emitted.text)
        return expected

    framework(watched)
    for standalone in (False, True):
        texts.clear()
        assert texts == set()
        ported = port(from_dict(STEP), "paddle", standalone=standalone)
        assert texts == {ported.source}


def test_two_groups_are_run_only_where_the_source_is_the_same_for_them(framework):
    framework(lambda _run, expected: expected)

    def certified(document: dict) -> bool:
        ported = port(from_dict(document), "torch", standalone=True)
        return any(scenario.startswith("groups") for scenario in ported.certificate.scenarios)

    assert certified(STEP)
    assert not certified(
        {"schedule": "cosine_annealing", "base_lr": 0.4, "T_max": 4, "eta_min": 0.1}
    )


def test_without_the_framework_native_source_rests_on_its_dialect():
    ported = absent(STEP)
    assert ported.style == "native"
    assert ported.certificate.version is None
    assert ported.certificate.checked_by == "dialect"
    assert ported.certificate.text.startswith("not run: ")
    assert "certified as predicted by the dialect of torch==" in ported.certificate.text
    assert ported.certificate.max_ulp_error <= MAX_ULP


def test_without_the_framework_a_departure_leads_to_standalone_source():
    ported = absent(FORGETS)
    assert ported.style == "standalone"
    classes = "ChainedScheduler, CosineAnnealingLR and MultiStepLR"
    assert ported.reason.startswith(f"Standalone, because {classes} (PyTorch 2.13.0")
    assert " differ: " in ported.reason
    assert ported.certificate.checked_by == "engine"
    assert not ported.certificate.diverges
    assert ported.certificate.max_ulp_error <= MAX_ULP
    assert "certified by lrspec's engine" in ported.certificate.text


@pytest.mark.parametrize("to", [*frameworks(), "numpy"])
@pytest.mark.parametrize("document", [STEP, FORGETS, PLATEAU], ids=lambda d: d["schedule"])
def test_standalone_source_can_be_requested(document: dict, to: str):
    ported = absent(document, to, standalone=True)
    assert (ported.style, ported.cause) == ("standalone", "requested")
    assert ported.certificate.checked_by == "engine"
    assert not ported.certificate.diverges


@pytest.mark.parametrize("factor", ["min(t ** -0.5, 1)", "1 / (1 + exp(t - 800))"])
def test_a_formula_that_raises_in_python_has_no_finite_error(factor: str):
    """The specification's arithmetic passes through an infinity, where Python's raises."""
    ported = absent({"schedule": "lambda", "base_lr": 0.1, "factor": factor}, "numpy")
    assert ported.certificate.diverges
    assert ported.certificate.max_rel_error is None
    assert "DIFFERS by lrspec's engine" in ported.certificate.text


def test_the_json_of_a_port_has_four_keys():
    assert list(absent(STEP).to_dict()) == ["source", "style", "reason", "certificate"]


def test_a_mode_that_supports_neither_style_is_rejected_with_both_reasons():
    document = {"schedule": "noam", "base_lr": 1, "d_model": 4, "warmup_steps": 4}
    with pytest.raises(BadInput, match=r"has no class for it: only LambdaLR.*; and a Python"):
        absent(document, "oneflow-graph")


def test_the_report_counts_styles_and_gives_reasons(framework):
    framework(lambda run, expected: expected * (1 if run.argument_form == "standalone" else 1.01))
    case, backend = Case("step/one", "", from_dict(STEP)), backend_of("torch")
    (ported,) = ports([(case, backend)])
    markdown = report([(case, backend, ported)])
    assert "| `step` | 1 standalone; 0 |" in markdown
    assert "- PyTorch 2.13.0: 1 ports: 1 standalone; 0 ULP" in markdown
    assert "as `step/one`: Standalone, because StepLR" in markdown


def test_a_long_schedule_is_run_past_its_end(framework):
    framework(lambda _run, expected: expected)
    long = {"schedule": "linear", "base_lr": 1.0, "end_factor": 0.0, "total_iters": 50_000}
    certificate = port(from_dict(long), "torch").certificate
    assert "long@70000" in certificate.scenarios
    assert "horizon" not in certificate.text


def test_a_certificate_says_that_no_run_reached_the_horizon(framework):
    framework(lambda _run, expected: expected)
    long = {"schedule": "linear", "base_lr": 1.0, "end_factor": 0.0, "total_iters": 50_000}
    certificate = port(from_dict(long), "oneflow-graph").certificate
    assert "  no run reached the horizon, 50,000 updates" in certificate.text.splitlines()


def test_a_certificate_says_where_and_how_far_it_compared(framework):
    framework(lambda _run, expected: expected)
    long = {"schedule": "linear", "base_lr": 1.0, "end_factor": 0.0, "total_iters": 50_000}
    first, *lines, last = port(from_dict(long), "torch").certificate.text.splitlines()
    assert re.fullmatch(r"certified in torch 2\.13\.0: [\d,]+ updates", first)
    sampled = "a thousand updates up to 69,999"
    assert lines == [
        f"  compared: updates 0 to 19,999; {sampled}; two parameter groups",
        "  saved and loaded at updates 0, 9999, 10000, 10001",
        "  at most 0 ULP and 0 of the peak from the specification",
    ]
    assert last.startswith("  sha256 ")


def test_a_lambda_is_compared_past_the_step_at_which_it_changes(framework):
    framework(lambda _run, expected: expected)
    late = {"schedule": "lambda", "base_lr": 1.0, "factor": "1 if t < 30000 else 0.1"}
    certificate = port(from_dict(late), "torch").certificate
    assert "a thousand updates up to 49,999" in certificate.text
    assert "end is not known" not in certificate.text


def test_a_certificate_says_that_the_end_of_a_formula_is_not_known(framework):
    framework(lambda _run, expected: expected)
    wild = {"schedule": "lambda", "base_lr": 1.0, "factor": "1 if t * sin(t) < 9 else 0.1"}
    certificate = port(from_dict(wild), "torch").certificate
    assert "  the formula's end is not known: compared up to step 204" in certificate.text


def test_native_source_that_drifts_is_not_chosen(framework):
    def drifting(run: Run, expected: Rates) -> Rates:
        return expected if run.argument_form == "standalone" else expected * (1 + 5e-12)

    framework(drifting)
    ported = port(from_dict(STEP), "torch")
    assert (ported.style, ported.cause, ported.certificate.diverges) == (
        "standalone",
        "rounding",
        False,
    )
    assert "the rounding errors of StepLR (PyTorch 2.13.0) add up to" in ported.reason


def test_the_comment_of_a_scheduler_for_epochs_says_when_to_step_it(framework):
    framework(lambda _run, expected: expected)
    epochs = in_epochs(from_dict({**STEP, "step_size": 600}), 100)
    ported = port(epochs, "torch")
    assert "step_size=6," in ported.source
    assert "call scheduler.step() once per epoch, after its 100 updates." in ported.source
    assert "the rate of epoch t, as a fraction" in port(epochs, "torch", standalone=True).source


@pytest.mark.parametrize(
    ("document", "to", "comment"),
    [
        (STEP, "torch", "Read at update 9: to resume there, call scheduler.step() 9 times first."),
        (STEP, "paddle", "Read at update 9: to resume there, call scheduler.step() 9 times first."),
        (STEP, "oneflow-graph", "Read at update 9; this scheduler starts at update 0."),
        (PLATEAU, "torch", "Read at update 9; this scheduler starts at update 0."),
    ],
)
def test_the_comment_of_a_schedule_that_was_read_in_mid_run_says_how_to_resume(
    document, to, comment
):
    ported = absent({**document, "about": {"position": 9}}, to)
    assert comment in " ".join(ported.source.replace("#", "").split())


def test_a_position_in_epochs_is_stepped_in_epochs():
    recipe = from_dict({**STEP, "step_size": 600, "about": {"position": 900}})
    ported = port(in_epochs(recipe, 100), "torch", NOWHERE)
    comment = "Read at epoch 9: to resume there, call scheduler.step() 9 times first."
    assert comment in " ".join(ported.source.replace("#", "").split())


@pytest.mark.parametrize("number", ["9\nimport os", -1, True, float("inf"), [1], None])
@pytest.mark.parametrize("name", ["position", "updates_per_epoch"])
def test_an_invalid_number_in_the_description_of_a_recipe_is_ignored(name, number):
    assert absent({**STEP, "about": {name: number}}).source == absent(STEP).source


COOLDOWN = {"schedule": "reduce_on_plateau", "base_lr": 0.1, "factor": 0.5, "patience": 1}


@pytest.mark.parametrize(
    ("parameters", "departure"),
    [({"cooldown": 2}, "During a cooldown"), ({"cooldown": 0}, "records its first metric")],
)
def test_a_plateau_that_another_framework_computes_otherwise_is_written_standalone(
    parameters, departure
):
    """Paddle's ReduceOnPlateau has the specified rates for the metrics of the recipe itself."""
    ported = absent({**COOLDOWN, **parameters}, "paddle")
    assert (ported.style, ported.certificate.diverges) == ("standalone", False)
    assert departure in ported.reason
    for to in ("torch", "oneflow"):
        assert absent({**COOLDOWN, **parameters}, to).style == "native"


def test_a_certificate_of_a_plateau_names_the_metrics_that_were_used(framework):
    framework(lambda _run, expected: expected)
    scenarios = port(from_dict({**COOLDOWN, "cooldown": 2}), "torch").certificate.scenarios
    names = [s.partition(":")[2] for s in scenarios if s.startswith("metrics") and ":" in s]
    assert names == list(declared()["metrics"].variants)


def test_a_standalone_plateau_that_misses_a_new_best_in_its_cooldown_is_not_certified():
    recipe = from_dict({**COOLDOWN, "cooldown": 2})
    source = plain(recipe)
    wrong = source.replace("best = metric if better", "best = metric if better and not cooling")
    assert wrong != source
    assert not by_engine(source, recipe, "numpy").diverges
    assert by_engine(wrong, recipe, "numpy").diverges


MID_RUN = {**COOLDOWN, "about": {"position": 9, "state": {"best": 0.5, "bad": 1, "rate": [0.025]}}}


@pytest.mark.parametrize(
    ("to", "counters"),
    [
        ("torch", ("num_bad_epochs", "last_epoch")),
        ("paddle", ("num_bad_epochs", "last_epoch")),
        ("oneflow", ("num_bad_steps", "last_step")),
    ],
)
def test_native_source_of_a_plateau_in_mid_run_sets_its_state(to, counters):
    (bad, step), recipe = counters, continued(from_dict(MID_RUN))
    emitted = emit(recipe, backend_of(to))
    lines = [line.strip() for line in emitted.text.splitlines()]
    state = ["scheduler.best = 0.5", f"scheduler.{bad} = 1", f"scheduler.{step} = 9"]
    assert lines[-4:] == [*state, "return scheduler"]
    ported = absent(MID_RUN, to)
    assert "It continues from update 9, where its recipe was read." in _comment(ported)
    assert ported.certificate.diverges is False


@pytest.mark.parametrize("to", [*frameworks(), "numpy"])
def test_a_standalone_plateau_in_mid_run_begins_with_its_state(to):
    ported = absent(MID_RUN, to, standalone=True)
    lines = [line.strip().removeprefix("self.") for line in ported.source.splitlines()]
    assert {"best = 0.5", "bad = 1", "cooling = 0"} <= set(lines)
    assert not ported.certificate.diverges


def test_a_certificate_detects_a_state_that_is_lost():
    recipe = continued(from_dict(MID_RUN))
    source = plain(recipe)
    for wrong in (source.replace("best = 0.5", "best = 9.5"), source.replace("bad = 1", "bad = 0")):
        assert wrong != source
        assert by_engine(wrong, recipe, "numpy").diverges


def _comment(ported: Port) -> str:
    return " ".join(line.strip().removeprefix("# ") for line in ported.source.splitlines())
