"""`lrspec check`, `port` and `read` print in the frameworks what README and docs show."""

from __future__ import annotations

import sys

import pytest

from lrspec import resources
from lrspec.bindings.backend import frameworks
from lrspec.cli.app import run
from lrspec.runtime.interpreter import interpreter

sys.path.insert(0, str(resources.root() / "tests"))

from documented import lrspec_commands

IN_FRAMEWORKS = {
    name: each
    for name, (_, each) in lrspec_commands().items()
    if each.output and (each.runs_the_file or each.arguments[1] in {"check", "port"})
}


@pytest.mark.parametrize("name", IN_FRAMEWORKS)
def test_a_command_prints_what_is_shown(name: str, monkeypatch: pytest.MonkeyPatch, capsys):
    for framework, backend in frameworks().items():
        monkeypatch.setenv(f"LRSPEC_{framework.upper()}_PYTHON", interpreter(backend)[0])
    each = IN_FRAMEWORKS[name]
    monkeypatch.chdir(each.folder)
    assert run(each.arguments[1:]) in {0, 1}
    printed = capsys.readouterr()
    assert each.mismatch(printed.out + printed.err) == ""
    assert "not run" not in printed.err
