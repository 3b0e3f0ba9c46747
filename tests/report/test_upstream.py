"""Upstream reports: the files are valid, and an unexpected verdict or rate is found."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from lrspec import resources
from lrspec.bindings.backend import backend_of, backends
from lrspec.cli.app import run
from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.report import markdown, upstream
from lrspec.report.upstream import Report, issue, issues, reports, rounds_to
from lrspec.runtime.observation import Observation
from lrspec.suite.cases import cases
from lrspec.suite.findings import predicted, results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import Observations
from lrspec.verdict.results import Finding, Results, read

FILES = sorted((resources.root() / "conformance" / "upstream").glob("*.json"))
CASES = {case.id: case for case in cases()}
ROWS = {report.id: report for report in reports()}
BOUNCE = ROWS["torch-91765"]


def runs_of(report: Report) -> list[Run]:
    """Return the planned runs that *report* covers."""
    planned = plan([CASES[report.case]], [backend_of(report.backend)])
    return [one for one in planned if one.emitted is not None and report.covers(one.id)]


def finding(case: str, backend: str, argument_form: str, scenario: str) -> Finding:
    return Finding(
        case=case, description="", recipe={}, schedule="", backend=backend,
        argument_form=argument_form, scenario=scenario, status="trace", verdict="conforms",
        first_step=None, extent=0, updates=0, max_abs_error=0, max_rel_error=0, max_ulp_error=0,
        explanation="", source="", reproducer="", steps=[],
    )  # fmt: skip


def shown(report: Report, **changed) -> Finding:
    """Return a finding that is as *report* expects, except for *changed*."""
    found = finding(report.case, report.backend, report.argument_form, report.scenario)
    expected = report.verdict
    departures = [expected.departure] if expected.departure else []
    right = {"verdict": expected.verdict, "departures": departures, "form": expected.form or ""}
    return replace(found, **{**right, "first_step": expected.first_step, **changed})


def test_there_is_one_file_per_framework():
    assert {path.stem for path in FILES} == {backend.framework for backend in backends().values()}


def test_an_invalid_file_is_rejected_with_the_place_of_the_error(tmp_path: Path):
    path = tmp_path / "framework.json"
    row = resources.read_json(FILES[0])["reports"][0]
    wrong = [
        ({"links": ["http://example.com"]}, "$.reports[0].links[...]"),
        ({"status": "open"}, "$.reports[0].status"),
        ({"case": None}, "$.reports[0].case"),
        ({"rates": [0.5]}, "$.reports[0].rates[...]"),
        ({"verdict": {"verdict": "perhaps"}}, "$.reports[0].verdict.verdict"),
        ({"scenario": "jump@9:thrice"}, "$.reports[0].scenario"),
    ]
    path.write_text(json.dumps({"reports": [row]}))
    assert [report.id for report in upstream.read(path)] == [row["id"]]
    for change, place in wrong:
        path.write_text(json.dumps({"reports": [{**row, **change}]}))
        with pytest.raises(BadInput, match=r"framework\.json: ") as caught:
            upstream.read(path)
        assert re.sub(r"\[\d+\]$", "[...]", caught.value.place) == place


def test_ids_are_unique():
    assert len(ROWS) == len(reports())


def test_every_link_is_https():
    assert all(link.startswith("https://") for report in reports() for link in report.links)


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.id)
def test_every_report_has_a_run_in_the_suite(report: Report):
    assert report.case in CASES
    assert runs_of(report), "no run of the suite shows it"


CONFORMING = [report for report in reports() if report.verdict.verdict == "conforms"]


@pytest.mark.parametrize(
    "report", [report for report in CONFORMING if report.rates], ids=lambda report: report.id
)
def test_the_listed_rates_of_a_conforming_run_are_the_specification_s(report: Report):
    for one in runs_of(report):
        if one.scenario.id.expects_forms:
            continue
        rates = at(one.scenario.recipe, one.scenario.t)[:, 0].tolist()
        for rate, listed in zip(rates, report.rates, strict=False):
            assert listed is None or rounds_to(rate, listed)


@pytest.mark.parametrize(
    ("rate", "listed", "right"),
    [
        (0.4522542, "0.452254", True),
        (0.4522546, "0.452254", False),
        (4e-8, "4.00e-8", True),
        (4.1e-8, "4.00e-8", False),
        (0.0, "4.00e-8", False),
        (1.0, "1", True),
        (float("nan"), "0.5", False),
        (float("inf"), "0.5", False),
    ],
)
def test_a_listed_rate_is_compared_to_half_a_unit_of_its_last_digit(rate, listed, right):
    assert rounds_to(rate, listed) is right


@pytest.mark.parametrize(
    ("scenario", "name", "speaks"),
    [
        ("stepwise", "stepwise@11", True),
        ("stepwise@11", "stepwise@11", True),
        ("stepwise@11", "stepwise@12", False),
        ("resume_state:right", "resume_state@4:right", True),
        ("resume_state:right", "resume_state@4:built-late", False),
        ("resume_state@4:right", "resume_state@5:right", False),
    ],
)
def test_a_report_covers_only_its_own_runs(scenario: str, name: str, speaks):
    report = replace(BOUNCE, scenario=scenario)
    run = shown(report, scenario=name).run
    assert report.covers(run) is speaks
    assert not report.covers(dataclasses.replace(run, backend="paddle"))
    assert not report.covers(dataclasses.replace(run, argument_form="defaults"))
    assert not report.covers(dataclasses.replace(run, case="one_cycle/example"))


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.id)
def test_an_unexpected_verdict_is_found(report: Report):
    version = {report.backend: "2.13.0"}
    right = issue(report, Results(version, [shown(report)]))
    assert right.as_expected is True
    other = "conforms" if report.verdict.verdict != "conforms" else "departs"
    changes = [{"verdict": other}]
    changes += [{"departures": ["another"]}] if report.verdict.departure else []
    changes += [{"form": "another"}] if report.verdict.form else []
    changes += [{"first_step": 99}] if report.verdict.first_step is not None else []
    for change in changes:
        wrong = issue(report, Results(version, [shown(report, **change)]))
        assert wrong.as_expected is False, change


def test_a_rate_that_differs_from_the_listed_one_is_found():
    rates = np.zeros((52, 1))
    rates[47:51, 0] = [8.04e-5, 2.02e-5, 4e-8, 2.0168e-5]
    results = Results({"torch": "2.13.0"}, [shown(BOUNCE)])

    def mismatches(rates) -> list[str]:
        traces = {shown(BOUNCE).run: Observation("trace", reported=rates, applied=rates)}
        return list(issue(BOUNCE, results, traces).mismatches)

    assert mismatches(rates) == []
    assert mismatches(rates[:50]) == ["stepwise: no update 50, where 2.0168e-5 is listed"]
    rates[49] = 5e-8
    assert mismatches(rates) == ["stepwise: update 49 uses 5e-08, not 4.00e-8"]


def test_an_issue_without_runs_is_marked():
    nothing = Results({"torch": "2.13.0"}, [])
    assert {found.as_expected for found in issues(nothing)} == {None}
    assert issue(BOUNCE, nothing).now == "not in these results"
    absent = Results({"torch": None}, [shown(BOUNCE, status="absent", verdict=None)])
    assert issue(BOUNCE, absent).as_expected is None


#: StepLR multiplies the rate by 0.1 again and again.
RATES_OF_STEP_30 = (0.1, 0.1 * 0.1, 0.1 * 0.1 * 0.1)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the results of a run of StepLR(30) that was worked out by hand."""
    monkeypatch.chdir(tmp_path)
    [one] = runs_of(ROWS["torch-54393"])
    rates = np.array([[RATES_OF_STEP_30[t // 30]] for t in range(62)])
    state = predicted(one).state
    observation = Observation("trace", reported=rates, applied=rates, logged=rates, state=state)
    observed = Observations(
        {one.id: observation},
        {"torch": "2.13.0"},
    )
    write_results(tmp_path / "reports", [one], observed, results_of([one], observed))
    return tmp_path / "reports"


@pytest.mark.usefixtures("kept")
def test_the_table_shows_the_verdicts(capsys: pytest.CaptureFixture[str]):
    assert run(["upstream"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if "torch-54393 " in line]
    assert "torch-54393 (refuted): The decay was reported as one step late; it is not" in line
    assert "https://github.com/pytorch/pytorch/issues/54393" in line
    assert "StepLR(30) · stepwise@62" in line
    assert "torch 2.13.0: conforms" in line
    assert line.rstrip().endswith("yes")
    assert len([line for line in lines if "not in these results" in line]) == len(reports()) - 1


def test_an_unexpected_verdict_is_exit_1(kept: Path, capsys: pytest.CaptureFixture[str]):
    document = json.loads((kept / "results.json").read_text())
    document["findings"][0] |= {
        "verdict": "departs",
        "departures": ["torch-late"],
        "first_step": 30,
    }
    (kept / "results.json").write_text(json.dumps(document))
    assert run(["upstream"]) == 1
    out = capsys.readouterr().out
    assert "torch 2.13.0: departs: torch-late, from step 30" in out
    assert "no: stepwise@62: verdict is departs, not conforms" in out


def test_a_recorded_rate_that_differs_from_the_listed_one_is_exit_1(kept: Path, capsys):
    path = kept / "traces" / "torch.jsonl"
    record = json.loads(path.read_text().splitlines()[-1])
    record["reported"][30] = [0.1]
    path.write_text(json.dumps(record) + "\n")
    assert run(["upstream", "--json"]) == 1
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["torch-54393"]["objections"] == ["stepwise@62: update 30 uses 0.1, not 0.010"]
    assert rows["torch-54393"]["as_it_says"] is False
    assert rows["torch-20527"]["as_it_says"] is None
    path.unlink()  # without traces only the verdict is compared
    assert run(["upstream"]) == 0


def test_without_results_there_is_one_line_and_exit_2(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["upstream"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "lrspec: reports/results.json: $: found no such file or directory, expected the results"
    )
    assert err.count("\n") == 1


def test_invalid_traces_are_one_line_and_exit_2(kept: Path, capsys):
    (kept / "traces" / "torch.jsonl").write_text("no JSON\n")
    assert run(["upstream"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lrspec: reports/traces/torch.jsonl: line 1: $: found JSON is malformed")


def test_the_report_counts_the_issues_that_were_run(kept: Path):
    found = read(kept / "results.json")
    page = markdown.divergences(found)
    covered = [one for one in issues(found) if one.findings]
    assert covered
    assert f"{len(covered)} reports are covered by these runs" in page
    assert "**Not as expected:**" not in page
    assert "## Reported upstream" not in markdown.divergences(Results({"torch": "2.13.0"}, []))
