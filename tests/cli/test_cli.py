"""The command line: output, exit codes, and one line for every error."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from lrspec.bindings.backend import backends
from lrspec.cli.app import run
from lrspec.spec.schedule import schedules
from lrspec.verdict import results

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "base_lr": [1, 0.5], "T_max": 4}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def recipe(**changed) -> str:
    Path("recipe.json").write_text(json.dumps({**COSINE, **changed}))
    return "recipe.json"


def test_trace_prints_a_line_per_step(capsys: pytest.CaptureFixture[str]):
    assert run(["trace", recipe(), "--steps", "5"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["0", "1", "2", "3", "4"]
    assert lines[0] == ["0", "1.0", "0.5"]
    assert lines[4] == ["4", "0.0", "0.0"]


@pytest.mark.parametrize("form", ["closed", "recursive"])
def test_trace_prints_json(form: str, capsys: pytest.CaptureFixture[str]):
    assert run(["trace", recipe(base_lr=1), "--steps", "3", "--form", form, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"schema_version", "steps", "lr"}
    assert document["steps"] == 3
    assert [len(row) for row in document["lr"]] == [1, 1, 1]
    assert document["lr"][2][0] == pytest.approx(0.5)


def test_trace_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys):
    import io  # noqa: PLC0415

    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(COSINE).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert run(["trace", "-", "--steps", "1"]) == 0
    assert capsys.readouterr().out == "0\t1.0\t0.5\n"


def test_list_prints_the_schedules_with_their_classes(capsys: pytest.CaptureFixture[str]):
    assert run(["list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["schedule"] for entry in entries] == list(schedules())
    cosine = next(e for e in entries if e["schedule"] == "cosine_annealing")
    assert cosine["backends"]["paddle"]["classes"] == ["CosineAnnealingDecay"]
    assert [p["name"] for p in cosine["parameters"]] == ["T_max", "eta_min"]
    assert run(["list"]) == 0
    table = capsys.readouterr().out
    assert "CosineAnnealingDecay" in table
    assert "— no class runs several schedulers at once" in table


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trace", "nowhere.json"], "lrspec: nowhere.json: $: found no such file or directory, expected"),
        (["trace", "one-sentence", "--steps", "x"], "lrspec: Invalid value for '--steps'"),
        (["trace", "one-sentence", "--steps", "-1"], "lrspec: Invalid value for '--steps'"),
        (["trace", "one-sentence", "--form", "other"], "lrspec: Invalid value for '--form'"),
        (["trace", "sgdr-article-restarts", "--form", "recursive"], "lrspec: sgdr-article-restarts: $.schedule: found cosine_warm_restarts, expected one with a recursive form (a restart"),
        (["conform", "one-sentence", "--backend", "jax"], "lrspec: --backend: found jax, expected one of " + ", ".join(backends())),
        (["conform", "one-sentence", "--scenario", "backwards"], "lrspec: --scenario: found backwards, expected one of stepwise"),
        (["conform", "one-sentence", "--scenario", "jump:back"], "lrspec: --scenario: found jump:back, expected one of jump:whole, jump:fraction, jump:twice, jump:changed"),
        (["conform", "one-sentence", "--scenario", "long:er"], "lrspec: --scenario: found long:er, expected one of long"),
        (["conform", "nowhere"], "lrspec: nowhere: $: found no such file"),
        (["conform", "one-sentence", "--python", "torch"], "lrspec: --python: found torch, expected NAME=PATH"),
        (["port", "one-sentence", "--to", "jax"], "lrspec: --to: found jax"),
        (["port", "attention-noam", "--to", "oneflow-graph"], "lrspec: $.schedule: found lambda, expected a schedule that OneFlow nn.Graph supports: OneFlow nn.Graph has no class"),
        (["port", "one-sentence"], "lrspec: Missing option '--to'"),
        (["plot", "one-sentence", "-o", "a.pdf"], "lrspec: --output: found a.pdf, expected a file ending in .png or .svg"),
        (["report", "-o", "nowhere"], "lrspec: nowhere/results.json: $: found no such file or directory, expected the results"),
        (["trace", "a" * 5000], "lrspec: aaaa"),
        (["plot", "one-sentence", "-o", "nodir/y.svg"], "lrspec: --output: found nodir/y.svg, expected a file in an existing folder"),
        (["doctor", "--python", "nope=/bin/true"], "lrspec: --python: found nope, expected one of " + ", ".join(backends())),
        (["doctor", "--python", "torch=/no/python"], "lrspec: --python: /no/python: no such file or directory"),
        (["doctor", "--python", "torch=/"], "lrspec: --python: /: permission denied"),
        (["doctor", "--python", "torch=/bin/true"], "lrspec: --python: /bin/true: not a Python interpreter"),
        (["fly"], "lrspec: unknown command `fly`; expected one of check, compare, "),
    ],
)  # fmt: skip
def test_invalid_input_is_one_line_and_exit_2(
    arguments: list[str], message: str, capsys, tmp_path: Path
):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing is written"


@pytest.mark.parametrize("command", ["trace", "conform", "port", "plot"])
def test_every_command_rejects_an_invalid_recipe(command: str, capsys, tmp_path: Path):
    path = tmp_path / "bad.json"
    path.write_text('{"schedule": "lambda", "base_lr": 1, "factor": "__import__(\'os\')"}')
    more = {"port": ["--to", "torch"], "plot": ["-o", "x.png"]}.get(command, [])
    assert run([command, "bad.json", *more]) == 2
    err = capsys.readouterr().err
    assert err.startswith(
        "lrspec: bad.json: $.factor, column 1: found a call of __import__, expected"
    )
    assert err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["bad.json"]


def test_a_recipe_without_finite_rates_is_rejected_before_anything_runs(capsys, tmp_path: Path):
    name = recipe(schedule="lambda", factor="1 / (t - 2)", T_max=None)
    Path(name).write_text(json.dumps({"schedule": "lambda", "base_lr": 1, "factor": "1 / (t - 2)"}))
    assert run(["conform", name]) == 2
    assert "found no finite rate at step 2, expected a finite rate" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["recipe.json"]


def test_an_absent_backend_is_named_and_exit_1(capsys: pytest.CaptureFixture[str]):
    assert run(["conform", recipe(), "--backend", "torch"]) == 1
    screen = " ".join(capsys.readouterr().out.split())
    assert "Not run: PyTorch: no interpreter at /no/such/python (from LRSPEC_TORCH" in screen
    assert json.loads(Path("lrspec-results/results.json").read_text())["backends"] == {
        "torch": {"version": None}
    }


def test_conform_prints_json_and_report_makes_a_page_of_its_results(capsys):
    arguments = ["conform", recipe(), "--backend", "torch", "--json"]
    assert run(arguments) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    entries = document["runs"]
    keys = {
        "recipe",
        "backend",
        "mode",
        "version",
        "scenario",
        "status",
        "verdict",
        "departures",
        "first_step",
    }
    keys |= {"max_abs_error", "max_rel_error", "explanation", "source"}
    assert all(keys <= set(entry) for entry in entries)
    folder = Path("lrspec-results")
    written = json.loads((folder / "results.json").read_text())
    assert written["run"] == document["run"]
    assert [{**f, "mode": "torch", "version": None} for f in written["findings"]] == entries
    assert len(results.read(folder / "results.json").findings) == len(entries)
    assert run(["report", "-o", "lrspec-results"]) == 0
    assert "**PyTorch is absent.**" in (folder / "divergences.md").read_text()
    assert capsys.readouterr().err.startswith(f"run {document['run']}: PyTorch absent; ")


def test_a_report_refuses_files_of_different_runs(capsys):
    assert run(["conform", recipe(), "--backend", "torch"]) == 1
    traces = Path("lrspec-results/traces/torch.jsonl")
    head, rest = traces.read_text().split("\n", 1)
    traces.write_text(json.dumps({"run": "0123456789ab"}) + "\n" + rest)
    capsys.readouterr()
    assert run(["report", "-o", "lrspec-results"]) == 2
    err = capsys.readouterr().err
    assert "line 1: found traces of the run 0123456789ab, expected those of the run " in err
    assert json.loads(head)["run"] in err


def test_own_recipes_leave_the_results_of_the_suite_alone():
    Path("reports").mkdir()
    Path("reports/results.json").write_text("{}")
    assert run(["conform", recipe(), "--backend", "torch"]) == 1
    assert Path("reports/results.json").read_text() == "{}"
    assert run(["conform", recipe(), "--backend", "torch", "-o", "mine"]) == 1
    assert Path("mine/results.json").exists()


def test_port_prints_the_source_and_on_stderr_why_it_was_not_run(
    capsys: pytest.CaptureFixture[str],
):
    assert run(["port", recipe(base_lr=0.1), "--to", "torch"]) == 0
    out, err = capsys.readouterr()
    assert "def build_scheduler(optimizer):" in out
    assert err.startswith("not run: no interpreter at /no/such/python (from LRSPEC_TORCH_PYTHON)")
    assert run(["port", recipe(base_lr=0.1), "--to", "torch", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"source", "style", "reason", "certificate"}
    assert document["source"] == out
    assert document["style"] == "native"
    assert document["certificate"]["version"] is None


def test_port_prints_standalone_source_on_request(capsys: pytest.CaptureFixture[str]):
    assert run(["port", recipe(base_lr=0.1), "--to", "torch", "--standalone"]) == 0
    out, err = capsys.readouterr()
    assert "# Standalone, because it was requested." in out
    assert "certified by lrspec's engine" in err
    assert run(["port", recipe(), "--to", "numpy", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["style"] == "standalone"
    assert "def rates(t: int) -> list[float]:" in document["source"]
    assert document["certificate"]["checked_by"] == "engine"


def test_doctor_says_why_a_backend_is_missing(capsys: pytest.CaptureFixture[str]):
    assert run(["doctor", "--json"]) == 1
    entries = json.loads(capsys.readouterr().out)
    assert [e["backend"] for e in entries] == list(backends())
    assert {e["version"] for e in entries} == {None}
    assert entries[0]["why_not"] == "no interpreter at /no/such/python (from LRSPEC_TORCH_PYTHON)"
    assert run(["doctor"]) == 1
    assert "missing" in capsys.readouterr().out


def test_report_rejects_json_that_is_not_results(capsys):
    Path("reports").mkdir()
    Path("reports/results.json").write_text("[]")
    assert run(["report"]) == 2
    assert "reports/results.json: $: found `array`, expected `object`" in capsys.readouterr().err


def test_a_file_as_output_folder_is_rejected_before_anything_runs(capsys):
    Path("taken").touch()
    assert run(["conform", "one-sentence", "--backend", "torch", "-o", "taken"]) == 2
    assert capsys.readouterr().err == "lrspec: --output: found taken, expected a folder\n"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"backends": {}, "findings": [{"schedule": []}]}']
)
def test_malformed_results_are_one_line(text: str, capsys):
    Path("reports").mkdir()
    Path("reports/results.json").write_text(text)
    assert run(["report"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_extra_is_one_line_and_exit_2(monkeypatch: pytest.MonkeyPatch, capsys):
    Path("reports").mkdir()
    Path("reports/results.json").write_text('{"backends": {}, "findings": []}')
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert run(["report"]) == 2
    message = "lrspec: this needs an extra: python -m pip install 'lrspec[report]'\n"
    assert capsys.readouterr().err == message


def test_help_and_version(capsys: pytest.CaptureFixture[str]):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "lrspec, version 0.1.0\n"
    assert run(["--help"]) == 0
    assert run([]) == 2


def test_trace_covers_the_recipes_own_run(capsys):
    name = recipe(base_lr=1, about={"run": 7})
    assert run(["trace", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 7
    name = recipe(base_lr=1, about={"run": 10**15})
    assert run(["trace", name, "--json", "--steps", "3"]) == 0
    assert capsys.readouterr().err == ""
