"""The commands in README and docs print what is shown there, as the dialects predict it.

`conformance/test_commands.py` runs those that need a framework in the frameworks themselves.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documented import PAGES, ROOT, Shown, lrspec_commands, predict_frameworks

from lrspec.cli.app import command as command_named
from lrspec.cli.app import run

COMMANDS = lrspec_commands()
WITH_OUTPUT = {
    name: each for name, (_, each) in COMMANDS.items() if each.output and not each.runs_the_file
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_arguments_that_are_shown(name: str):
    _, command, *arguments = COMMANDS[name][1].arguments
    command_named(command).make_context(command, arguments)


@pytest.mark.parametrize("name", WITH_OUTPUT)
def test_a_command_prints_what_is_shown(name: str, monkeypatch: pytest.MonkeyPatch, capsys):
    predict_frameworks(monkeypatch)
    each = WITH_OUTPUT[name]
    monkeypatch.chdir(each.folder)
    assert run(each.arguments[1:]) in {0, 1}
    printed = capsys.readouterr()
    assert each.mismatch(printed.out + printed.err) == ""


def test_the_readme_shows_a_check_and_a_port_with_their_output():
    names = [name for name in WITH_OUTPUT if name.startswith("README: ")]
    assert [name.split()[2] for name in names] == ["check", "port"]


@pytest.mark.parametrize(
    ("output", "printed", "expected"),
    [
        (("a", "b"), "a\nb\n", ""),
        (("a", "b"), "a\nc\n", "a\nb"),
        (("a",), "a\nb\n", "\nb"),
        (("a", "[…]", "c"), "a\nb\nc\n", ""),
        (("a", "[…]", "c"), "a\nb\nc\nd\n", "\nd"),
        (("a", "[…]"), "a\nb\n", ""),
        (("[…]", "c", "[…]", "b"), "a\nb\nc\n", "b"),
    ],
)
def test_a_difference_in_the_output_is_noticed(output, printed: str, expected: str):
    assert Shown("lrspec", output).mismatch(printed) == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_sessions_and_scripts_that_a_page_names_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    sessions = {*re.findall(r"^def (\w+)\(session", noxfile, re.MULTILINE)}
    named = {name.replace("-", "_") for name in re.findall(r"nox -s ([\w-]+)", text)}
    assert named <= sessions
    scripts = re.findall(r"python ([\w/]+\.py)", text)
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
