"""The interpreter of a backend: from an option, a variable, nox, or the running one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from lrspec.bindings.backend import backend_of
from lrspec.errors import BackendAbsent
from lrspec.runtime import interpreter

pytestmark = pytest.mark.every_python

GRAPH = backend_of("oneflow-graph")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("LRSPEC_ONEFLOW_PYTHON", "LRSPEC_ONEFLOW_GRAPH_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(interpreter.resources, "root", lambda: tmp_path)


def python(tmp_path: Path, *parts: str) -> str:
    path = tmp_path.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def test_an_option_takes_precedence_over_a_variable_and_a_variable_over_nox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    made = python(tmp_path, ".nox", "backend-oneflow", "bin", "python")
    assert interpreter.interpreter(GRAPH) == (made, "made by nox")
    set_framework = python(tmp_path, "one")
    monkeypatch.setenv("LRSPEC_ONEFLOW_PYTHON", set_framework)
    assert interpreter.interpreter(GRAPH) == (set_framework, "LRSPEC_ONEFLOW_PYTHON")
    set_mode = python(tmp_path, "two")
    monkeypatch.setenv("LRSPEC_ONEFLOW_GRAPH_PYTHON", set_mode)
    assert interpreter.interpreter(GRAPH) == (set_mode, "LRSPEC_ONEFLOW_GRAPH_PYTHON")
    named = python(tmp_path, "three")
    assert interpreter.interpreter(GRAPH, {"oneflow": named}) == (named, "--python oneflow")
    assert interpreter.interpreter(GRAPH, {"oneflow": made, "oneflow-graph": named})[0] == named


def test_the_running_interpreter_comes_before_the_one_that_nox_made(tmp_path: Path):
    python(tmp_path, ".nox", "backend-oneflow", "bin", "python")
    here = replace(GRAPH, package="numpy")
    assert interpreter.interpreter(here) == (sys.executable, "the running interpreter")


def test_an_interpreter_in_the_working_directory_is_never_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    elsewhere = tmp_path / "elsewhere"
    python(elsewhere, ".nox", "backend-oneflow", "bin", "python")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(BackendAbsent, match="OneFlow"):
        interpreter.interpreter(GRAPH)


def test_an_empty_folder_with_the_framework_s_name_is_not_the_framework(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "no_such_framework").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BackendAbsent, match="OneFlow"):
        interpreter.interpreter(replace(GRAPH, package="no_such_framework"))


def test_the_message_of_an_absent_backend_gives_the_remedy():
    missing = replace(GRAPH, package="no_such_framework")
    with pytest.raises(
        BackendAbsent, match=r"nox -s environments.*3\.10.*oneflow==0\.9\.0"
    ) as caught:
        interpreter.interpreter(missing)
    assert "LRSPEC_ONEFLOW_PYTHON" in str(caught.value)


def test_a_variable_with_a_missing_path_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LRSPEC_ONEFLOW_PYTHON", "/no/such/python")
    with pytest.raises(BackendAbsent, match=r"no interpreter at .* \(from LRSPEC_ONEFLOW_PYTHON\)"):
        interpreter.interpreter(GRAPH)
