"""Proposed entries: they speak of what the ledger lacks, and the ledger's files stay as they are."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from msgspec import structs
from recordings import VERSIONS, observations, runs

from lrspec import resources
from lrspec.cli.app import run
from lrspec.errors import BadInput
from lrspec.report import propose
from lrspec.report.propose import Proposal, append, outdated, proposals
from lrspec.scenario.scenario_id import Selector
from lrspec.suite.findings import results_of
from lrspec.suite.run import Observations
from lrspec.verdict.known import asked
from lrspec.verdict.ledger import Entry, entries, entry_of, known, objection
from lrspec.verdict.results import Finding, Results

DAY = "2026-11-21"
DROPPED = ("torch", "paddle")
HOME = resources.root() / "conformance" / "ledger"
SCHEMA = resources.read_json(resources.root() / "spec" / "schema" / "ledger.schema.json")


@pytest.fixture(scope="module")
def found() -> Results:
    return results_of(runs(), Observations(observations(), VERSIONS))


@pytest.fixture(scope="module")
def lacking() -> tuple[Entry, ...]:
    """The ledger without what it knows of two of the frameworks."""
    return tuple(entry for entry in entries() if not entry.id.startswith(DROPPED))


@pytest.fixture(scope="module")
def proposed(found: Results, lacking: tuple[Entry, ...]) -> list[Proposal]:
    return proposals(found, lacking, DAY)


def new(found: Results, ledger: tuple[Entry, ...]) -> list[Finding]:
    return [
        finding
        for finding in found.findings
        if (objection(asked(finding, VERSIONS[finding.backend]), ledger) or "").startswith(
            ("new", "changed")
        )
    ]


def test_what_the_ledger_knows_is_not_proposed(found: Results):
    assert proposals(found, entries(), DAY) == []
    assert not [line for line in outdated(found, entries()) if "gone in" in line]


def test_the_proposed_entries_are_entries(proposed: list[Proposal]):
    assert len(proposed) > 20
    Draft202012Validator(SCHEMA).validate({"entries": [p.entry for p in proposed]})
    assert len({p.entry["id"] for p in proposed}) == len(proposed)
    for proposal in proposed:
        assert proposal.entry["because"].startswith("PROPOSED: ")
        assert proposal.entry["checked"] == DAY
        assert (proposal.entry["right"], proposal.entry["link"]) == ("specification", None)


def test_they_speak_of_all_that_is_new(found: Results, lacking, proposed: list[Proposal]):
    lost = new(found, lacking)
    assert len(lost) > 100
    assert {f.backend.partition("-")[0] for f in lost} == set(DROPPED)
    added = [entry_of(proposal.entry) for proposal in proposed]
    for finding in lost:
        asking = asked(finding, VERSIONS[finding.backend])
        entry = known(asking, added)
        assert entry is not None
        assert entry.kind == finding.kind
        assert objection(asking, added) is None
        assert finding.backend in entry.backends


def test_one_entry_for_what_is_alike(proposed: list[Proposal]):
    names = ("versions", "schedule", "scenarios", "kind")
    alike = [
        (p.framework, p.entry.get("argument_form"), *(str(p.entry[name]) for name in names))
        for p in proposed
    ]
    assert len(set(alike)) == len(alike)
    assert any(len(p.entry["backends"]) > 1 for p in proposed)
    assert any(p.entry["scenarios"][0].partition(":")[2] for p in proposed), "one of a variant"


def one(found: Results, **changed) -> Finding:
    """A finding that the ledger knows as a divergence, of a plain run, otherwise as *changed*."""
    known_one = next(
        f
        for f in found.findings
        if f.verdict == "diverges" and f.scenario.startswith("stepwise@") and f.first_step
    )
    return structs.replace(known_one, **changed)


def test_the_first_step_is_told_where_it_is_one_and_the_same(found: Results):
    version = VERSIONS[one(found).backend]
    for steps, told in (((3, 3), "3"), ((3, 4), None), ((0.5, 0.5), None), ((None, None), None)):
        two = [one(found, case=str(i), kind="odd", first_step=s) for i, s in enumerate(steps)]
        (proposal,) = proposals(Results({two[0].backend: version}, two), (), DAY)
        assert proposal.entry.get("first_step") == told
        assert proposal.advice == f"{proposal.entry['id']}: 2 findings"


def test_the_explanation_is_that_of_the_shortest_witness(found: Results):
    two = [
        one(found, updates=9, kind="odd", explanation="Long."),
        one(found, updates=4, kind="odd", explanation="Short."),
    ]
    (proposal,) = proposals(Results({two[0].backend: "2.13.0"}, two), (), DAY)
    assert proposal.entry["because"] == "PROPOSED: Short."
    assert proposal.entry["versions"] == "==2.13.*"


def test_a_shift_forth_and_a_shift_back_have_each_an_id(found: Results):
    kinds = ("shifted by +1", "shifted by -1", "shifted: by +1")
    three = [one(found, kind=kind) for kind in kinds]
    ids = [p.entry["id"] for p in proposals(Results({three[0].backend: "1.0"}, three), (), DAY)]
    assert ids[0].endswith("shifted-by-plus-1-stepwise")
    assert ids[1].endswith("shifted-by-minus-1-stepwise")
    assert ids[2] == f"{ids[0]}-2"


def test_a_change_of_kind_is_proposed_and_a_wide_entry_is_to_be_narrowed(found: Results):
    odd = one(found, kind="odd")
    same = one(found, verdict="conforms", kind="exact", silent=())
    results = Results({odd.backend: VERSIONS[odd.backend]}, [odd, same])
    (proposal,) = proposals(results, entries(), DAY)
    assert proposal.entry["kind"] == "odd"
    assert "matches 1 run with another result: narrow it" in proposal.advice


def test_what_is_gone_and_what_is_never_met_is_named(found: Results):
    away = one(found, verdict="conforms", kind="exact", silent=())
    version = VERSIONS[away.backend]
    entry = known(asked(one(found), version), entries())
    assert entry is not None
    other = replace(entry, id="other", kind="another", when=None, scenarios=(Selector("long"),))
    met = structs.replace(away, verdict="diverges", kind=entry.kind)
    results = Results({away.backend: version}, [away, met])
    narrow = "narrow it to where it still shows, or end its versions"
    assert outdated(results, [entry, other]) == [
        f"{entry.id}: gone in 1 run, first {away.run}; {narrow}",
        "other: never met; if this was the whole suite, remove it, or end its versions",
    ]
    alone = outdated(Results({away.backend: version}, [away]), [entry])
    assert [line.partition(";")[0] for line in alone] == [f"{entry.id}: never met"]
    assert outdated(Results({away.backend: None}, [away]), [entry]) == []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HOME, tmp_path / "ledger"))


def contents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def renamed(proposed: list[Proposal], framework: str) -> list[Proposal]:
    return [
        Proposal(framework, {**p.entry, "id": f"{framework}-proposed-{i}"}, "")
        for i, p in enumerate(proposed[:3])
    ]


def test_entries_are_appended_and_all_else_stays(home: Path, proposed: list[Proposal]):
    before = contents(home)
    added = renamed(proposed, "torch")
    assert append(home, added) == [home / "torch.json"]
    after = contents(home)
    old = json.loads(before["torch.json"])["entries"]
    assert json.loads(after["torch.json"])["entries"] == [*old, *(p.entry for p in added)]
    kept = before["torch.json"].rstrip().removesuffix(b"}").rstrip().removesuffix(b"]").rstrip()
    assert after["torch.json"].startswith(kept + b',\n    {\n      "id"')
    document = json.loads(after["torch.json"])
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert after["torch.json"].decode() == text, "as the others are written"
    assert {**after, "torch.json": b""} == {**before, "torch.json": b""}
    assert append(home, renamed(proposed, "jax")) == [home / "jax.json"]
    Draft202012Validator(SCHEMA).validate(json.loads((home / "jax.json").read_text()))


def test_an_id_that_is_taken_is_refused(home: Path, proposed: list[Proposal]):
    before = contents(home)
    taken = json.loads(before["oneflow.json"])["entries"][0]["id"]
    added = [
        *renamed(proposed, "torch"),
        Proposal("paddle", {**proposed[0].entry, "id": taken}, ""),
    ]
    with pytest.raises(BadInput, match=f"oneflow.json: .*{taken}, expected an unused id"):
        append(home, added)
    assert contents(home) == before
    with pytest.raises(BadInput, match="expected an unused id"):
        append(home, renamed(proposed, "torch")[:1] * 2)
    assert contents(home) == before


@pytest.mark.parametrize("text", ["[]", '{"entries": [], "more": []}', "{"])
def test_a_ledger_that_is_none_is_refused(text: str, home: Path, proposed: list[Proposal]):
    (home / "paddle.json").write_text(text)
    before = contents(home)
    with pytest.raises(BadInput, match=r"paddle\.json"):
        append(home, [*renamed(proposed, "torch"), *renamed(proposed, "paddle")])
    assert contents(home) == before


def test_where_one_file_cannot_be_written_none_is(home, proposed, monkeypatch):
    before = contents(home)
    calls: list[Path] = []

    def full(path: Path, text: str) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError("no space")
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(propose, "write", full)
    with pytest.raises(OSError, match="no space"):
        append(home, [*renamed(proposed, "torch"), *renamed(proposed, "paddle")])
    assert len(calls) == 3
    assert contents(home) == before


@pytest.fixture
def lacks(home: Path, found: Results, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger without PyTorch's entries, and the last run's results beside it."""
    (home / "torch.json").write_text('{\n  "entries": []\n}\n')
    monkeypatch.setattr(propose, "ledger_folder", lambda: home)
    monkeypatch.chdir(home.parent)
    Path("reports").mkdir()
    Path("reports/results.json").write_text(found.to_json(), encoding="utf-8")
    return home


def test_the_command_prints_them_and_writes_only_when_told(lacks: Path, capsys):
    before = contents(lacks)
    assert run(["ledger", "propose", "--checked", DAY]) == 1
    out, err = capsys.readouterr()
    printed = json.loads(out)
    assert printed
    assert all(f"{entry['id']}: " in err for entry in printed)
    assert contents(lacks) == before
    run(["ledger", "propose", "reports", "--checked", DAY, "--write"])
    assert json.loads(capsys.readouterr().out) == printed
    assert json.loads((lacks / "torch.json").read_text()) == {"entries": printed}
    assert {**contents(lacks), "torch.json": b""} == {**before, "torch.json": b""}
    run(["ledger", "propose", "--checked", DAY])
    assert json.loads(capsys.readouterr().out) == [], "nothing is new any more"


@pytest.mark.usefixtures("lacks")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ledger", "propose"], "lrspec: Missing option '--checked'"),
        (["ledger", "propose", "--checked", "today"], "lrspec: Invalid value for '--checked'"),
        (
            ["ledger", "propose", "no", "--checked", DAY],
            "lrspec: no/results.json: $: found no such",
        ),
    ],
)
def test_whatever_is_wrong_is_one_line_and_exit_2(arguments: list[str], said: str, capsys):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(said)
