"""The report is deterministic and shows every departure with its steps, rule and source."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from recordings import RECORDED, VERSIONS, observations, runs

from lrspec.report import markdown, summary
from lrspec.report.articles import articles
from lrspec.report.groups import groups
from lrspec.report.page import page_of_departure
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.run import Observations
from lrspec.verdict import files, results
from lrspec.verdict.results import Results


@pytest.fixture(scope="module")
def observed() -> Observations:
    return Observations(observations(), VERSIONS)


@pytest.fixture(scope="module")
def found(observed: Observations) -> Results:
    return results_of(runs(), observed)


@pytest.fixture(scope="module")
def page(found: Results) -> str:
    return markdown.divergences(found)


def test_the_same_results_give_the_same_bytes(
    observed: Observations, found: Results, page: str, tmp_path: Path
):
    write_results(tmp_path / "a", runs(), observed, found)
    write_results(tmp_path / "b", runs(), observed, results_of(runs(), observed))
    names = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.json*"))
    traces = sorted(f"traces/{backend}.jsonl" for backend in VERSIONS)
    assert sorted(map(str, names)) == ["results.json", *traces]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert markdown.divergences(results.read(tmp_path / "a" / "results.json")) == page


def test_written_traces_equal_the_recorded_ones(
    observed: Observations, found: Results, tmp_path: Path
):
    write_results(tmp_path, runs(), observed, found)
    for path in (tmp_path / "traces").glob("*.jsonl"):
        recorded = RECORDED / path.name
        head, _, records = path.read_text().partition("\n")
        assert json.loads(head) == {"run": found.run}
        assert records == recorded.read_text()


@pytest.fixture(scope="module")
def departures(found: Results) -> dict[str, str]:
    return {one.id: page_of_departure(one) for one in articles(found)}


def test_default_sequences_differ_in_their_time_base(departures: dict[str, str]):
    section = departures["oneflow-sequence-global-time"]
    assert "OneFlow, OneFlow nn.Graph: " in section
    assert "a member counts its steps from the start of the run, not from its milestone" in section


def test_a_departure_has_its_steps_rule_recipe_and_source(departures: dict[str, str]):
    section = unescape(departures["torch-milestone-between-steps"])
    assert "MultiStepLR looks up the step among its milestones" in section
    assert '<th scope="col">observed rate</th>' in section
    assert "<strong>multistep R2</strong> (The milestone step itself already uses" in section
    assert '<code>{"schedule": "multistep"' in section
    assert "from torch.optim.lr_scheduler import MultiStepLR" in section
    assert 'print(f"step {step}: {rates}, expected {right}"' in section


def test_a_run_that_only_raises_has_no_error_to_measure(departures: dict[str, str]):
    section = departures["torch-constant-from-zero"]
    assert "ZeroDivisionError" in section
    assert "updates differ" not in section


def test_the_answer_for_each_pair_of_frameworks_comes_first(page: str):
    first = page[page.index("## ") : page.index("## Departures")]
    for source in ("PyTorch", "PaddlePaddle", "OneFlow"):
        for target in ("PyTorch", "PaddlePaddle", "OneFlow"):
            assert (f"**From {source} to {target}:**" in first) == (source != target)
    assert len(page) < 60_000


def test_each_departure_links_to_its_details_on_the_page(page: str, found: Results):
    for group in groups(found, "departs"):
        assert page.count(f"(index.html#departure-{group.name})") == 1


def test_the_rows_of_a_table_end_with_its_last_cell(page: str):
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert not [row for row in rows if not row.endswith("|")]


def test_every_departing_run_is_in_the_group_of_one_departure(found: Results):
    departing = groups(found, "departs")
    assert sum(len(group.findings) for group in departing) == sum(
        finding.verdict == "departs" for finding in found.findings
    )
    assert all(group.departure is not None for group in departing)
    assert len({group.name for group in departing}) == len(departing)


def test_the_page_names_no_time_and_no_path(page: str):
    assert "/work" not in page
    assert "/home" not in page
    assert not re.search(r"\b20\d\d-\d\d", page)


def test_the_matrix_has_a_row_per_schedule_and_a_column_per_backend(found: Results):
    rows = dict(summary.matrix(found))
    assert set(map(len, rows.values())) == {len(VERSIONS)}
    paddle = list(found.versions).index("paddle")
    assert rows["chained"][paddle] == ""  # nothing was run there, and so nothing recorded
    assert "≠" in rows["chained"][0]
    assert "(defaults ≠" in rows["sequential"][list(found.versions).index("oneflow")]
    assert summary.table(found).splitlines()[-1] == summary.counts(found)


def test_the_report_has_the_form_that_each_framework_follows(found: Results, page: str):
    rows = dict(summary.followed(found))
    torch, oneflow = map(list(found.versions).index, ("torch", "oneflow"))
    assert rows["polynomial"][torch] == "recursive"
    assert rows["polynomial"][oneflow].startswith("closed (changed, rebuilt)")
    assert "≠ (late_group)" in rows["polynomial"][oneflow]
    assert "## Closed or recursive form" in page


def test_results_are_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "results.json"
    files.write(path, "before")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        files.write(path, "after")
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_every_finding_is_json(found: Results):
    document = json.loads(found.to_json())
    assert len(document["findings"]) == len(runs())
