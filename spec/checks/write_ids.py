"""The list of all ids that were ever given: generating adds new ones and removes none."""

from __future__ import annotations

from lrspec import resources
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases
from lrspec.verdict.ledger import entries

PATH = resources.root() / "spec" / "ids.txt"


def found() -> list[str]:
    """Return the ids of all cases, ledger entries, rules and anchors."""
    ids = [case.id for case in cases()]
    ids += [entry.id for entry in entries()]
    for kind, schedule in schedules().items():
        parts = [*schedule.document["rules"], *schedule.document["anchors"]]
        ids += [f"{kind}:{part['id']}" for part in parts]
    return ids


def given() -> list[str]:
    """Return the ids that were given once."""
    return PATH.read_text(encoding="utf-8").split()


def text() -> str:
    """Return the text of the file."""
    return "\n".join(sorted({*given(), *found()})) + "\n"
