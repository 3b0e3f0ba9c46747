"""What changes between releases of PyTorch: literal rates, worked out from its source."""

from __future__ import annotations

import json

import pytest
from packaging.version import Version

from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run
from lrspec.errors import BadInput
from lrspec.runtime.grafts import releases
from lrspec.suite.cases import case_of
from lrspec.suite.changes import between, changes, compared, notes

TORCH = backend_of("torch")


def test_a_minor_version_stands_for_its_release():
    assert between(TORCH, "2.3", "2.5.0") == ["2.3.1", "2.4.1", "2.5.1"]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("1.9", "2.3", "from 1.13.1 to 2.15.0"),
        ("2.3", "2.3", "a later release than 2.3"),
        ("two", "2.3", "found two, expected a release of PyTorch"),
    ],
)
def test_an_impossible_range_is_rejected(start: str, end: str, message: str):
    with pytest.raises(BadInput, match=message):
        between(TORCH, start, end)


def test_a_framework_without_releases_is_rejected():
    with pytest.raises(BadInput, match="one of which releases are compared"):
        between(backend_of("oneflow"), "0.8", "0.9")


def test_a_sequence_that_starts_at_a_milestone_changes_in_2_13(tmp_path):
    """Before 2.13 it starts with 0.1 · 0.1, the first rate of the member that is skipped."""
    members = [
        {"schedule": "linear", "start_factor": 0.1, "total_iters": 3},
        {"schedule": "exponential", "gamma": 0.5},
    ]
    recipe = {"schedule": "sequential", "base_lr": 0.1, "schedules": members, "milestones": [0]}
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(recipe))
    found = changes(TORCH, between(TORCH, "2.8", "2.15"), [case_of(str(path))])
    stepwise = [c for c in found if "stepwise" in c.scenarios]
    (change,) = stepwise
    example = change.example
    assert (example.before.version, example.after.version) == ("2.12.0", "2.13.0")
    assert (example.classes[0], example.step) == ("SequentialLR", 0)
    assert [row[0] for row in example.before.rates] == pytest.approx([0.01, 0.005, 0.0025])
    assert [row[0] for row in example.after.rates] == pytest.approx([0.1, 0.05, 0.025])
    assert [note.link.rpartition("/")[2] for note in change.notes] == ["185986"]


def test_a_resumed_exponential_no_longer_decays_twice_since_2_8(capsys: pytest.CaptureFixture[str]):
    assert run(["versions", "torch", "exponential", "--from", "2.7", "--to", "2.8", "--json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    gamma = change["recipe"]["gamma"]
    before, after = (change[side]["rates"][0][0] for side in ("before", "after"))
    assert (change["class"], change["release"]) == ("ExponentialLR", "2.8.0")
    assert change["scenarios"] == ["get_lr", "resume_index"]
    assert pytest.approx(after) in (before * gamma, before / gamma)


def test_every_change_is_explained_by_what_pytorch_changed():
    found = changes(TORCH, list(releases(TORCH)), compared())
    assert [str(c.example.run.id) for c in found if not c.notes] == []
    explaining = {note for change in found for note in change.notes}
    unmet = [note.link for note in notes(TORCH) if note not in explaining]
    assert unmet == []
    minors = {Version(c.example.after.version).release[:2] for c in found}
    assert minors == {Version(note.since).release[:2] for note in notes(TORCH)}


def test_the_text_names_the_release_the_class_and_what_to_do(capsys: pytest.CaptureFixture[str]):
    assert run(["versions", "torch", "exponential", "--from", "2.7", "--to", "2.8"]) == 0
    head, _, first, *lines = capsys.readouterr().out.splitlines()
    assert head == "PyTorch 2.7.1 to 2.8.0: 1 change of exponential, as predicted"
    assert first.startswith("2.8.0  ExponentialLR: get_lr, resume_index")
    assert any(line.startswith("    Do: Resume with state_dict()") for line in lines)
