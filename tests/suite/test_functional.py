"""A framework of plain functions of the step: a folder under `backends/`, and no edit elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lrspec import BadInput, resources
from lrspec.bindings import backend as registry
from lrspec.bindings.backend import Backend, load
from lrspec.cli.app import run
from lrspec.importers.scheduler import of_description
from lrspec.port.build import build
from lrspec.port.port import port
from lrspec.scenario.builders import SCENARIOS
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case, cases
from lrspec.suite.findings import results_of
from lrspec.suite.plan import plan
from lrspec.suite.run import observe

ROOT = resources.root()
FOLDER = ROOT / "conformance" / "fakes" / "functional"
COSINE = {"schedule": "cosine_annealing", "base_lr": 0.5, "T_max": 10, "eta_min": 0.1}
WARMUP = {"schedule": "polynomial", "total_iters": 4, "end_lr": 0.5}
SEQUENCE = {
    "schedule": "sequential",
    "base_lr": 0.5,
    "schedules": [WARMUP, {"schedule": "exponential", "gamma": 0.9}],
    "milestones": [4],
}


@pytest.fixture
def functional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Return the backend of a checkout with one folder more under `backends/`."""
    for name in ("spec", "conformance"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "backends", tmp_path / "backends")
    shutil.copytree(FOLDER, tmp_path / "backends" / "functional")
    monkeypatch.setattr(resources, "root", lambda: tmp_path)
    registry.backends.cache_clear()
    yield registry.backends()["functional"]
    registry.backends.cache_clear()


def case(document: dict) -> Case:
    return Case(document["schedule"], "", from_dict(document))


@pytest.mark.usefixtures("functional")
def test_a_schedule_is_written_as_a_call_of_a_plain_function():
    ported = port(from_dict(COSINE), "functional")
    assert ported.style == "native"
    assert not ported.certificate.diverges
    assert ported.certificate.checked_by == "framework"
    assert ported.source == (
        "from functional import cosine_schedule\n"
        "\n"
        "\n"
        "def build_scheduler():\n"
        "    # Give it to the optimizer as its learning rate.\n"
        "    return cosine_schedule(0.5, half_period=10, end_value=0.1)\n"
    )


def test_a_functional_framework_is_run_in_every_scenario(functional: Backend):
    wanted = [case(document) for document in (COSINE, SEQUENCE)]
    runs = plan(wanted, [functional], [*SCENARIOS], misuse=False)
    found = results_of(runs, observe(runs)).findings
    assert {f.status for f in found} == {"trace", "unsupported"}
    assert {f.verdict for f in found if f.status == "trace"} == {"conforms"}
    driven = {f.scenario.partition("@")[0] for f in found if f.status == "trace"}
    assert driven == {"stepwise", "resume_state", "long"}
    reasons = functional.mode.unsupported_scenarios
    for finding in found:
        if finding.status == "unsupported":
            assert finding.explanation in {*reasons.values()}


def test_the_cases_of_the_suite_are_run_in_it(functional: Backend):
    runs = plan(cases(), [functional], ["stepwise"], 12)
    found = results_of(runs, observe(runs)).findings
    traces = [f for f in found if f.status == "trace"]
    assert len(traces) > 50
    assert {f.verdict for f in traces} == {"conforms"}


def test_its_flaw_is_found(functional: Backend):
    path = functional.folder / "functional.py"
    text = path.read_text()
    path.write_text(text.replace("math.pi * count /", "math.pi * (count + 1) /"))
    runs = plan([case(COSINE)], [functional], ["stepwise"], 12)
    (found,) = results_of(runs, observe(runs)).findings
    assert (found.verdict, found.first_step) == ("unpredicted", 0)
    assert "show([schedule(count)])" in found.reproducer


@pytest.mark.usefixtures("functional")
def test_a_recipe_without_a_function_of_its_own_is_ported_as_its_closed_form():
    step = {"schedule": "step", "base_lr": 0.5, "step_size": 3}
    ported = port(from_dict(step), "functional")
    assert ported.style == "standalone"
    assert not ported.certificate.diverges
    assert ported.certificate.checked_by == "framework"
    assert ported.source.startswith("from functional import scale_by\n")
    assert "    return scale_by(0.5, factor)\n" in ported.source


@pytest.mark.usefixtures("functional")
def test_several_base_rates_are_refused_with_the_reason():
    with pytest.raises(BadInput, match="it has no parameter groups"):
        port(from_dict({**COSINE, "base_lr": [0.5, 0.25]}), "functional")


@pytest.mark.usefixtures("functional")
def test_the_commands_know_it(tmp_path: Path, capsys):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(COSINE))
    assert run(["list", "--json"]) == 0
    listed = {entry["schedule"]: entry for entry in json.loads(capsys.readouterr().out)}
    backends = listed["cosine_annealing"]["backends"]
    assert backends["functional"] == {"classes": ["cosine_schedule"], "unsupported": []}
    assert run(["port", str(recipe), "--to", "functional"]) == 0
    assert "cosine_schedule(0.5" in capsys.readouterr().out
    arguments = ["conform", str(recipe), "--backend", "functional", "--steps", "12"]
    assert run([*arguments, "-o", str(tmp_path / "results")]) == 0
    assert "✓ Functional 2" in capsys.readouterr().out


def test_a_functional_framework_has_no_objects_to_read_or_build_on(functional: Backend):
    assert not functional.readable
    others = ", ".join(b.title for b in registry.frameworks().values() if b is not functional)
    with pytest.raises(BadInput, match=f"an optimizer of {others}$"):
        build(from_dict(COSINE), object(), lambda *_: "")
    description = {"class": "f", "lineage": [], "held": {}, "groups": [], "ahead": []}
    with pytest.raises(BadInput, match=f"a scheduler of {others}$"):
        of_description(description)


def test_a_folder_is_independent_of_the_others():
    """The toy and the functional framework are declared by their folders alone."""
    assert load(FOLDER)["functional"].groups == "none"
    texts = [p.read_text() for p in FOLDER.rglob("*") if p.suffix in (".json", ".py", ".txt")]
    assert not [name for name in registry.packages() for text in texts if name in text]
