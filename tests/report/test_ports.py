"""The ports of the page: what is ported, and how they are read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec.bindings.backend import backends
from lrspec.errors import BadInput
from lrspec.report.comparison import comparison
from lrspec.report.ports import CertifiedPort, certified, departing, read, text_of
from lrspec.report.sides import SPECIFICATION, subjects
from lrspec.report.sources import Code
from lrspec.spec.recipe import Recipe, load

SUBJECTS = {subject.id: subject for subject in subjects()}


def port_of(recipe: Recipe, origin: str = SPECIFICATION) -> CertifiedPort:
    return CertifiedPort(
        "noam", origin, "torch", recipe.to_dict(), "source", "native", "why", "text", certified=True
    )


def test_what_departs_in_a_plain_run_is_ported_from_there_too():
    assert departing(comparison(SUBJECTS["noam"])) == ["paddle"]  # its NoamDecay starts at 0
    assert departing(comparison(SUBJECTS["step"])) == []


def test_without_a_framework_a_port_is_written_and_not_certified(monkeypatch):
    for name in ("TORCH", "PADDLE", "ONEFLOW"):
        monkeypatch.setenv(f"LRSPEC_{name}_PYTHON", "/none")
    found = certified([comparison(SUBJECTS["noam"])], [backends()["torch"]])
    assert [(one.origin, one.certified) for one in found] == [
        (SPECIFICATION, False),
        ("paddle", False),
    ]
    assert found[0].source != found[1].source


def test_ports_are_read_back_by_what_they_are_of(tmp_path: Path):
    path = tmp_path / "ports.json"
    recipe = SUBJECTS["noam"].recipe
    path.write_text(text_of([port_of(recipe), port_of(recipe, "paddle")]), encoding="utf-8")
    ports = read(path)
    assert set(ports.of("noam", "torch", recipe)) == {SPECIFICATION, "paddle"}
    assert ports.of("noam", "paddle", recipe) == {}


def test_a_port_of_a_recipe_that_has_changed_is_not_shown(tmp_path: Path):
    path = tmp_path / "ports.json"
    path.write_text(text_of([port_of(SUBJECTS["noam"].recipe)]), encoding="utf-8")
    changed = load({**SUBJECTS["noam"].recipe.to_dict(), "warmup_steps": 3})
    assert read(path).of("noam", "torch", changed) == {}


def test_a_file_of_something_else_is_rejected(tmp_path: Path):
    path = tmp_path / "ports.json"
    path.write_text('[{"subject": "noam"}]', encoding="utf-8")
    with pytest.raises(BadInput, match=r"ports\.json"):
        read(path)
    assert read(tmp_path / "none.json").of("noam", "torch", SUBJECTS["noam"].recipe) == {}


def test_a_certified_port_is_the_recommended_source():
    own = Code(as_specified=True, native="native text", ran="it ran")
    assert (own.text, own.evidence) == ("native text", "it ran")
    port = port_of(SUBJECTS["noam"].recipe)
    ported = Code(as_specified=False, native="native text", ports={SPECIFICATION: port})
    assert (ported.best, ported.text, ported.evidence) == ("native", "source", "text")
