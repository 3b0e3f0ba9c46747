"""The commands that the documentation shows with their output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lrspec import resources
from lrspec.bindings.backend import frameworks
from lrspec.check import examination
from lrspec.importers import user_file
from lrspec.importers.scheduler import Read
from lrspec.suite.findings import predicted_finding

ROOT = resources.root()
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
ELISION = "[…]"
NOT_RUN = "was not run"


@dataclass(frozen=True)
class Shown:
    """A command and the lines that are shown below it, with `ELISION` for what is left out."""

    command: str
    output: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """Return the words of the command, without a comment or what follows a `>` or `|`."""
        words = shlex.split(self.command, comments=True)
        ends = [k for k, word in enumerate(words) if word in {">", "|"}]
        return words[: ends[0]] if ends else words

    @property
    def folder(self) -> Path:
        """Return the folder in which the command is run: that of `train.py`, or the checkout."""
        return ROOT if "conformance/" in self.command else ROOT / "examples" / "readme"

    @property
    def runs_the_file(self) -> bool:
        """Return whether the command reads a file that has to be run for it, in the framework."""
        return self.arguments[1] == "read" and "--static" not in self.arguments

    def mismatch(self, printed: str) -> str:
        """Return the first shown part that *printed* does not have in its place, or nothing."""
        first, *others = [part.strip("\n") for part in "\n".join(self.output).split(ELISION)]
        rest = printed.strip("\n")
        if not rest.startswith(first):
            return first
        rest = rest.removeprefix(first)
        for part in others:
            if (start := rest.find(part)) < 0:
                return part
            rest = rest[start + len(part) :]
        return rest if not others or others[-1] else ""


def shown(page: Path) -> Iterator[Shown]:
    """Return the commands in the console blocks of *page*."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip("\n").split("\n")
            yield Shown(command, tuple(output))


def lrspec_commands() -> dict[str, tuple[Path, Shown]]:
    """Return every shown command of lrspec, by its page and its text."""
    return {
        f"{page.stem}: {each.command}": (page, each)
        for page in PAGES
        for each in shown(page)
        if each.arguments[:1] == ["lrspec"]
    }


class PredictedWorker:
    """A worker of the pinned version of a framework that is not installed."""

    def __init__(self, backend, _python):
        self.backend = backend

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def version(self) -> str:
        return self.backend.pins[0].partition("==")[2]


def read_as_predicted(_worker: PredictedWorker, target: str) -> Read:
    """Return the scheduler of *target*, read without running it, as if it had been run."""
    read = user_file.of_file(target, static=True)
    return replace(read, notes=tuple(note for note in read.notes if NOT_RUN not in note))


def predict_frameworks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no framework be found, and `lrspec check` see in each what its dialect predicts."""
    for name in frameworks():
        monkeypatch.setenv(f"LRSPEC_{name.upper()}_PYTHON", "/no/such/python")
    monkeypatch.setattr(examination, "interpreter", lambda *_, **__: ("", ""))
    monkeypatch.setattr(examination, "Worker", PredictedWorker)
    monkeypatch.setattr(examination, "read_in", read_as_predicted)
    monkeypatch.setattr(examination, "observed", lambda *_: None)
    monkeypatch.setattr(examination, "finding", lambda run, _: predicted_finding(run))
