"""Parts of a suite, merged: the files are those of one run, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from recordings import VERSIONS, observations

from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run as lrspec
from lrspec.errors import BadInput
from lrspec.runtime.observation import Observation
from lrspec.suite.cases import cases
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import Observations
from lrspec.suite.shards import Shard, merge
from lrspec.verdict.files import write
from lrspec.verdict.results import read

NAMES = ("torch-float32", "paddle-static")
COUNT = 3


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """The recorded runs of some cases, and those that are unsupported."""
    recorded = {run for name in NAMES for run in observations(name)}
    planned = plan(cases(), [backend_of(name) for name in NAMES], quick=True)
    return [run for run in planned if run.emitted is None or run.id in recorded][:200]


def conclude(folder: Path, runs: Sequence[Run], part: str = "") -> Path:
    """Write the files that the suite writes for *runs*; return their folder."""
    recorded = {run: one for name in NAMES for run, one in observations(name).items()}
    by_run = {r.id: recorded.get(r.id) or Observation("unsupported", r.reason) for r in runs}
    versions = {run.backend.name: VERSIONS[run.backend.name] for run in runs}
    observed = Observations(by_run, versions)
    results = replace(results_of(runs, observed), shard=part)
    write_results(folder, runs, observed, results)
    return folder


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, runs: list[Run]) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    shards = [Shard(index, COUNT) for index in range(1, COUNT + 1)]
    return [conclude(folder / str(s.index), s.of(runs), str(s)) for s in shards]


def test_merged_shards_are_the_files_of_one_run(tmp_path: Path, three: list[Path], runs: list[Run]):
    one = conclude(tmp_path / "one", runs)
    merge([three[2], three[0], three[1]], tmp_path / "merged")
    files = sorted(path.relative_to(one) for path in one.rglob("*.json*"))
    assert len(files) == 1 + len(NAMES)
    for name in files:
        assert (tmp_path / "merged" / name).read_bytes() == (one / name).read_bytes(), name


def test_a_missing_and_a_repeated_shard_are_named(tmp_path: Path, three: list[Path]):
    with pytest.raises(BadInput, match=r"1/3, 3/3.*each of the 3 shards once"):
        merge([three[0], three[2]], tmp_path)
    with pytest.raises(BadInput, match="each of the 3 shards once"):
        merge([three[0], three[0], three[1]], tmp_path)


def changed(folder: Path, source: Path, **changes: object) -> Path:
    """Write the shard *source* with changed results to *folder*."""
    write(folder / "results.json", replace(read(source / "results.json"), **changes).to_json())
    (folder / "traces").symlink_to(source / "traces")
    return folder


def test_shards_of_other_versions_are_named(tmp_path: Path, three: list[Path]):
    versions = {**read(three[0] / "results.json").versions, NAMES[0]: "9.9"}
    other = changed(tmp_path / "other", three[0], versions=versions)
    with pytest.raises(BadInput, match=r"backends\.torch-float32.*as in the other shards"):
        merge([three[1], three[2], other], tmp_path / "merged")


def test_a_shard_that_lost_runs_is_noticed(tmp_path: Path, three: list[Path]):
    findings = read(three[0] / "results.json").findings[:-2]
    other = changed(tmp_path / "other", three[0], findings=findings)
    with pytest.raises(BadInput, match="as many as the other shards"):
        merge([other, *three[1:]], tmp_path / "merged")


def test_a_whole_run_is_no_shard(tmp_path: Path, three: list[Path]):
    whole = changed(tmp_path / "whole", three[0], shard="")
    with pytest.raises(BadInput, match="part I of N"):
        merge([whole], tmp_path)


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "-1/3"])
def test_a_shard_that_is_none_is_rejected(text: str):
    with pytest.raises(BadInput, match="part I of N"):
        Shard.parse(text, "--shard")


def test_every_run_is_in_one_shard():
    shards = [Shard(index, 4).of(range(10)) for index in range(1, 5)]
    assert sorted(run for shard in shards for run in shard) == list(range(10))


def test_the_report_merges_shards(
    tmp_path: Path,
    three: list[Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("lrspec.report.page.site", lambda *_: {"index.html": ""})
    monkeypatch.setattr("lrspec.report.markdown.divergences", lambda _: "")
    assert lrspec(["report", *map(str, three), "-o", str(tmp_path)]) == 0
    assert "index.html" in capsys.readouterr().out
    assert read(tmp_path / "results.json").shard == ""
    assert lrspec(["report", str(three[0]), "-o", str(tmp_path / "other")]) == 2
    assert "each of the 3 shards once" in capsys.readouterr().err
