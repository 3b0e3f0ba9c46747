"""`lrspec departures` and `lrspec trace --as`: what is known of the frameworks without them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run
from lrspec.dialect.dialect import departures
from lrspec.runtime.observation import Observation
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import plan
from lrspec.suite.run import Observations

NOAM = {"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 1}
ENDED = {"schedule": "one_cycle", "base_lr": 0.1, "max_lr": 0.1, "total_steps": 3}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def recipe(document: dict) -> str:
    Path("recipe.json").write_text(json.dumps(document))
    return "recipe.json"


def test_every_departure_is_listed_with_its_cause_and_advice(capsys):
    assert run(["departures"]) == 0
    out = capsys.readouterr().out
    for name, known in departures().items():
        assert f"{name} ({known.versions}; right: {known.right})\n" in out
        assert f"{known.cause} {known.do}" in out


def test_the_departures_are_printed_as_json(capsys):
    assert run(["departures", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == list(departures())
    assert document["torch-milestone-between-steps"]["right"] == "specification"
    assert "link" not in document["torch-milestone-between-steps"]


@pytest.fixture
def results() -> None:
    """Write the results of a StepLR that holds its rate, which no dialect predicts."""
    step = Case("step/held", "", from_dict({"schedule": "step", "base_lr": 1, "step_size": 2}))
    runs = plan([step], [backend_of("torch")], ["stepwise"], 4)[:1]
    rates = runs[0].scenario.expected * 0 + 1
    seen = Observations({runs[0].id: Observation("trace", "", rates, rates)}, {"torch": "2.13.0"})
    write_results(Path("reports"), runs, seen, results_of(runs, seen))


@pytest.mark.usefixtures("results")
def test_an_unpredicted_run_is_proposed_for_review(capsys):
    assert run(["departures", "propose", "--checked", "2026-11-21"]) == 1
    out, err = capsys.readouterr()
    ((name, entry),) = json.loads(out).items()
    assert name == "torch step explicit stepwise"
    assert entry["cause"] == "PROPOSED: Predicted the rate 0.1 at step 2, observed 1.0."
    assert entry["checked"] == "2026-11-21"
    assert err == f"{name}: 1 run, the shortest step/held-torch-stepwise@4\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["propose"], "lrspec: Missing option '--checked'"),
        (["propose", "--checked", "today"], "lrspec: Invalid value for '--checked'"),
        (["propose", "no", "--checked", "2026-11-21"], "lrspec: no/results.json: $: found no such"),
    ],
)
def test_invalid_arguments_are_one_line_and_exit_2(arguments: list[str], message: str, capsys):
    assert run(["departures", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(message)


def test_trace_as_a_framework_prints_its_rates(capsys):
    """NoamDecay is one step late: at step 0 it has 0, at step 1 d_model ** -0.5."""
    assert run(["trace", recipe(NOAM), "--steps", "2", "--as", "paddle"]) == 0
    assert capsys.readouterr().out == "0\t0.0\n1\t0.5\n"


def test_trace_as_a_framework_prints_what_it_raises(capsys):
    assert run(["trace", recipe(ENDED), "--steps", "9", "--as", "torch", "--json"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["steps"] == len(document["lr"]) == 4
    assert err.startswith("lrspec: step 4: torch 2.13.0 raises ValueError: Tried to step")


def test_trace_as_another_version_warns(capsys):
    assert run(["trace", recipe(NOAM), "--steps", "1", "--as", "paddle==2.6.2"]) == 0
    assert "PaddlePaddle 2.6.2 is outside the versions that are modeled" in capsys.readouterr().err


@pytest.mark.parametrize("framework", ["jax", "torch==", "torch==x"])
def test_trace_as_an_unknown_framework_is_one_line_and_exit_2(framework: str, capsys):
    assert run(["trace", recipe(NOAM), "--as", framework]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
