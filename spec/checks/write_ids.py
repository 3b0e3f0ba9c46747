"""The list of all ids. Generating adds the new ones; an id is permanent."""

from __future__ import annotations

from lrspec import resources
from lrspec.dialect.dialect import departures
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases

PATH = resources.root() / "spec" / "ids.txt"


def current() -> list[str]:
    """Return the ids of all cases, departures, rules and anchors."""
    ids = [case.id for case in cases()]
    ids += departures()
    for kind, schedule in schedules().items():
        parts = [*schedule.document["rules"], *schedule.document["anchors"]]
        ids += [f"{kind}:{part['id']}" for part in parts]
    return ids


def recorded() -> list[str]:
    """Return the ids in the file."""
    return PATH.read_text(encoding="utf-8").split()


def text() -> str:
    """Return the text of the file."""
    return "\n".join(sorted({*recorded(), *current()})) + "\n"
