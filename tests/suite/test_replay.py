"""Replaying a run: the same bytes without a framework, and a line for each run that is not judged."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import VERSIONS, observations

from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.suite import replay
from lrspec.suite.cases import Case, case_of, cases
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import Observations
from lrspec.verdict import results

NAMES = ("torch-float32", "paddle-static")
BACKENDS = [backend_of(name) for name in NAMES]
BACKEND_OPTIONS = [f"--backend={name}" for name in NAMES]
TORCH = Path("traces/torch-float32.jsonl")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Observation]:
    return {run: observation for name in NAMES for run, observation in observations(name).items()}


@pytest.fixture(scope="module")
def replayable(recorded: dict[str, Observation]) -> tuple[Case, ...]:
    """The cases of which every run is recorded."""

    def whole(case: Case) -> bool:
        return all(r.emitted is None or r.id in recorded for r in plan([case], BACKENDS))

    return tuple(case for case in cases() if case.representative and whole(case))


@pytest.fixture(scope="module")
def runs(replayable: tuple[Case, ...]) -> list[Run]:
    return plan(replayable, BACKENDS)


@pytest.fixture(scope="module")
def made(runs: list[Run], recorded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `lrspec conform` leaves it."""
    folder = tmp_path_factory.mktemp("made")
    unsupported = {r.id: Observation("unsupported", r.reason) for r in runs if r.emitted is None}
    versions = {r.backend.name: VERSIONS[r.backend.name] for r in runs}
    observed = Observations({**recorded, **unsupported}, versions)
    write_results(folder, runs, observed, results_of(runs, observed))
    return folder


@pytest.fixture
def folder(made: Path, replayable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def no_process(*_: object, **__: object):
        raise AssertionError("a replay starts no process")

    monkeypatch.setattr(replay, "cases", lambda: replayable)
    monkeypatch.setattr(subprocess, "Popen", no_process)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, "made")
    return Path("made")


def lines_of(path: Path) -> list[str]:
    """Return the records of a file, without its first line, the id of the run."""
    return path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]


def run_of(record: dict) -> RunId:
    fields = (record[name] for name in ("case", "backend", "argument_form"))
    return RunId(*fields, ScenarioId.parse(record["scenario"]))


def replayed(*more: str) -> int:
    return run(["conform", "--replay", "made", "-o", "out", *BACKEND_OPTIONS, *more])


def test_a_replay_gives_the_same_bytes(folder: Path, runs: list[Run], capsys):
    assert {r.emitted is None for r in runs} == {True, False}
    assert len({r.scenario.id.name for r in runs}) > 6
    assert replayed() == 0
    assert Path("out/results.json").read_bytes() == (folder / "results.json").read_bytes()
    assert capsys.readouterr().err.count("\n") == 1, "nothing is named"
    assert [p.name for p in Path("out").iterdir()] == ["results.json"]


def test_a_run_of_a_users_own_recipe_is_replayed_without_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    """What a run of it leaves, with the reference's own rates in the framework's place."""
    monkeypatch.chdir(tmp_path)
    document = {"schedule": "cyclic", "base_lr": 0.25, "max_lr": 0.75, "step_size_up": 4}
    (tmp_path / "mine.json").write_text(json.dumps(document))
    (backend,) = (backend for backend in BACKENDS if backend.name == "torch-float32")
    mine = plan([case_of(str(tmp_path / "mine.json"))], [backend], steps=9, misuse=False)
    by_run = {
        run.id: Observation("trace", "", run.scenario.expected, run.scenario.expected)
        for run in mine
    }
    traces = Observations(by_run, {backend.name: VERSIONS[backend.name]})
    write_results(tmp_path / "made", mine, traces, results_of(mine, traces))
    arguments = ["conform", "--replay", str(tmp_path / "made"), "--backend", backend.name]
    assert run([*arguments, "-o", str(tmp_path / "again")]) in (0, 1)
    assert "planned" not in capsys.readouterr().err
    again = (tmp_path / "again" / "results.json").read_bytes()
    assert again == (tmp_path / "made" / "results.json").read_bytes()
    assert {finding["scenario"] for finding in json.loads(again)["findings"]} >= {"groups@9"}
    assert run(arguments) in (0, 1)
    assert Path("lrspec-results/results.json").read_bytes() == again
    assert not Path("reports").exists()


def test_by_default_it_is_the_output_folder_that_is_replayed(folder: Path, capsys):
    before = (folder / "results.json").read_bytes()
    assert run(["conform", "-o", "made", *BACKEND_OPTIONS, "--replay"]) == 0
    assert (folder / "results.json").read_bytes() == before
    assert "wrote made/results.json" in capsys.readouterr().err


def test_a_replay_judges_the_recorded_traces(folder: Path, capsys):
    lines = lines_of(folder / TORCH)
    number = next(i for i, line in enumerate(lines) if '"applied":"float32"' in line)
    record = json.loads(lines[number])
    record["reported"][-1][0] += 0.25
    lines[number] = json.dumps(record) + "\n"
    (folder / TORCH).write_text("".join(lines))
    replayed("--json")
    entries = json.loads(capsys.readouterr().out)["runs"]
    verdicts = {run_of({**e, "backend": e["mode"]}): e["verdict"] for e in entries}
    assert verdicts[run_of(record)] == "unpredicted"


def test_unrecorded_and_unplanned_runs_are_named(folder: Path, capsys):
    lines = lines_of(folder / TORCH)
    lost, record = run_of(json.loads(lines[0])), json.loads(lines[1])
    renamed = json.dumps({**record, "case": "gone/case", "scenario": "stepwise@9"}) + "\n"
    (folder / TORCH).write_text("".join([*lines[1:], renamed]))
    replayed()
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"{lost}: planned, and not recorded",
        "gone/case-torch-float32-stepwise@9: recorded, and not planned any more",
    ]
    judged = {f.run for f in results.read(Path("out/results.json")).findings}
    assert lost not in judged
    assert run_of(record) in judged


def test_a_complaint_alone_is_exit_1(folder: Path):
    found = json.loads((folder / "results.json").read_text())["findings"]
    groups = [f for f in found if f["backend"] == NAMES[0] and f["scenario"].startswith("groups@")]
    one = next(f for f in groups if f["verdict"] == "conforms")
    narrowed = [one["case"], "--backend", NAMES[0], "--scenario", "groups"]
    assert run(["conform", *narrowed, "--replay", "made", "-o", "out"]) == 0
    kept = [line for line in lines_of(folder / TORCH) if run_of(json.loads(line)) != run_of(one)]
    (folder / TORCH).write_text("".join(kept))
    assert run(["conform", *narrowed, "--replay", "made", "-o", "out"]) == 1


def test_a_trace_of_another_source_is_not_judged(folder: Path, capsys):
    path = folder / "results.json"
    document = json.loads(path.read_text())
    entry = next(f for f in document["findings"] if f["source"])
    entry["source"] += "# before it was changed\n"
    path.write_text(json.dumps(document))
    before = path.read_bytes()
    assert run(["conform", "-o", "made", *BACKEND_OPTIONS, "--replay"]) == 1
    assert f"{run_of(entry)}: recorded with another source\n" in capsys.readouterr().err
    assert path.read_bytes() == before, "or the next replay would not know"


@pytest.mark.usefixtures("folder")
def test_a_backend_that_was_left_out_is_named_once(capsys):
    assert (
        run(["conform", "--replay", "made", "-o", "out", *BACKEND_OPTIONS, "--backend", "oneflow"])
        == 1
    )
    assert capsys.readouterr().err.splitlines()[1:] == [
        "oneflow: planned, and no run of it is recorded"
    ]


@pytest.mark.parametrize(
    "where",
    [
        ["--scenario", "groups"],
        ["--scenario", "resume_state:right"],
        ["constant/example"],
        ["--backend", NAMES[0]],
    ],
)
def test_a_narrowed_replay_names_nothing_and_spares_the_whole(where: list[str], folder, capsys):
    whole = json.loads((folder / "results.json").read_text())["findings"]
    before = (folder / "results.json").read_bytes()
    more = [] if "--backend" in where else BACKEND_OPTIONS
    arguments = ["conform", *where, *more, "--json", "--replay", "made", "-o"]
    run([*arguments, "out"])
    out, err = capsys.readouterr()
    found = [{**e, "backend": e["mode"]} for e in json.loads(out)["runs"]]
    assert 0 < len(found) < len(whole)
    assert all(any(one.items() <= e.items() for one in whole) for e in found)
    assert err == ""
    run([*arguments, "made"])
    assert (folder / "results.json").read_bytes() == before
    assert len(json.loads(Path("out/results.json").read_text())["findings"]) == len(found)


def broken(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / TORCH
        path.write_text("".join(change(lines_of(path))))

    return apply


def line_of(**changed) -> str:
    run = {"case": "a", "backend": "torch-float32", "scenario": "stepwise@1", "status": "trace"}
    return json.dumps({**run, **changed}) + "\n"


def longer(lines: list[str]) -> list[str]:
    record = json.loads(lines[0])
    return [
        json.dumps({**record, "reported": record["reported"] + [[0.0]] * 999}) + "\n",
        *lines[1:],
    ]


def wider(lines: list[str]) -> list[str]:
    record = json.loads(lines[0])
    rows = [[*row, *row, *row] for row in record["reported"]]
    return [json.dumps({**record, "reported": rows}) + "\n", *lines[1:]]


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (broken(lambda lines: [lines[0][:40] + "\n", *lines[1:]]), f"made/{TORCH}: line 1: $: found input data was truncated"),
        (broken(lambda lines: [*lines, lines[0]]), "expected each run once"),
        (broken(lambda lines: [line_of(status="fine"), *lines]), "line 1: $.status: found invalid enum value 'fine'"),
        (broken(lambda lines: [line_of(reported=1), *lines]), "line 1: $.reported: found `int`, expected `array | null`"),
        (broken(lambda lines: [line_of(reported=[["a"]]), *lines]), "line 1: $.reported[0][0]: found"),
        (broken(lambda lines: [line_of(scenario="jump@whole"), *lines]), "line 1: $.scenario: found jump@whole, expected one of jump:whole, "),
        (broken(lambda lines: [line_of(run="a"), *lines]), "line 1: $: found object contains unknown field `run`, expected a recorded trace"),
        (broken(lambda lines: ["null\n", *lines]), "line 1: $: found `null`, expected `object` in a recorded trace"),
        (broken(lambda lines: ["[" * 100_000 + "\n", *lines]), f"made/{TORCH}: line 1: $: found `array`"),
        (broken(longer), "numbers as `reported`, where there are "),
        (broken(wider), "× 3 numbers as `reported`, where there are "),
        (lambda folder: (folder / TORCH).unlink(), f"made/{TORCH}: $: found no such file"),
        (lambda folder: (folder / TORCH).write_bytes(b"\xff"), f"made/{TORCH}: line 1: $: found JSON is malformed"),
        (lambda folder: (folder / "results.json").unlink(), "made/results.json: $: found no such file"),
        (lambda folder: (folder / "results.json").write_text("[]"), "made/results.json: $: found `array`, expected `object`"),
        (shutil.rmtree, "made/results.json: $: found no such file"),
    ],
)  # fmt: skip
def test_a_broken_record_is_one_line_and_exit_2(breaks, message: str, folder: Path, capsys):
    breaks(folder)
    assert replayed() == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert not Path("out").exists()


@pytest.mark.usefixtures("folder")
def test_an_interpreter_is_no_part_of_a_replay(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("lrspec.runtime.interpreter.reason_against", lambda *_: "")
    assert replayed("--python", "torch=/usr/bin/python3") == 2
    assert capsys.readouterr().err.startswith("lrspec: --python: cannot be combined with --replay")


NUMBER = r"-?\d+(\.\d+)?(e[-+]?\d+)?"


def test_results_are_written_as_json_writes_them(made: Path):
    text = (made / "results.json").read_text(encoding="utf-8")
    document = json.loads(text, parse_constant=pytest.fail)
    written = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    assert re.sub(NUMBER, "0", text) == re.sub(NUMBER, "0", written)
    assert results.read(made / "results.json").to_json() == text


def test_the_cached_rates_of_a_scenario_are_read_only(runs: list[Run]):
    rates = runs[0].scenario.expected
    assert rates is runs[0].scenario.expected
    with pytest.raises(ValueError, match="read-only"):
        rates[0] = 0
