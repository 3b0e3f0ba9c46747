"""Grafts: the modules of another release, loaded over an installed framework."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of
from lrspec.errors import BackendAbsent, BadInput
from lrspec.runtime import grafts
from lrspec.worker import graft


def test_a_graft_answers_its_modules_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder, origin in (("installed", "installed"), ("graft", "another release")):
        package = tmp_path / folder / "grafted_package"
        package.mkdir(parents=True)
        (package / "schedulers.py").write_text(f"ORIGIN = {origin!r}")
    installed = tmp_path / "installed" / "grafted_package"
    (installed / "__init__.py").touch()
    (installed / "rest.py").write_text("ORIGIN = 'installed'")
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    found = graft.install(str(tmp_path / "graft"))
    names = ("schedulers", "rest")
    schedulers, rest = (importlib.import_module(f"grafted_package.{name}") for name in names)
    assert (schedulers.ORIGIN, rest.ORIGIN) == ("another release", "installed")
    assert found.found == ["grafted_package.schedulers"]


def test_the_releases_of_torch_are_ordered_by_version():
    versions = list(grafts.releases(backend_of("torch")))
    assert versions[0] == "1.13.1"
    assert versions.index("2.9.1") + 1 == versions.index("2.10.0")
    assert backend_of("torch").version in versions


def test_a_wheel_names_its_interpreter_and_platform():
    release = grafts.Release("2.10.0", "torch-2.10.0-2-cp311-none-macosx_11_0_arm64.whl", "")
    assert release.tag == ("311", "macosx_11_0_arm64")


def test_a_release_that_was_not_downloaded_is_absent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grafts, "folder_of", lambda *_: Path("nowhere"))
    with pytest.raises(BackendAbsent, match=r"2\.3\.1 are missing: run `nox -s versions`"):
        grafts.grafted(backend_of("torch"), "2.3.1")


def test_a_backend_is_named_with_its_version():
    assert backend_of("torch==2.3.1").version == "2.3.1"
    with pytest.raises(BadInput, match="a version, such as"):
        backend_of("torch==two")
