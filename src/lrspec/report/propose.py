"""Proposed ledger entries for the new findings of a run, for a person to review."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.errors import BadInput
from lrspec.runtime.run_id import RunId
from lrspec.verdict.known import asked
from lrspec.verdict.ledger import Entry, Run, entry_of, gone, never_met, objection
from lrspec.verdict.results import Finding, Results, write

_MARK = "PROPOSED: "


@dataclass(frozen=True)
class Proposal:
    """An entry for findings of one framework and kind, and `advice` for its review.

    The advice says how many other runs the entry would also match, so that it must be narrowed.
    """

    framework: str
    entry: Mapping[str, Any]
    advice: str


def proposals(results: Results, ledger: Sequence[Entry], checked: str) -> list[Proposal]:
    """Return an entry for each group of findings that are not in *ledger*, or differ from it."""
    groups: dict[tuple[str, ...], list[tuple[Finding, Run]]] = defaultdict(list)
    present = _present(results)
    for finding, run in present:
        words = objection(run, ledger)
        if words is not None and words.startswith(("new:", "changed:")):
            groups[_alike(run)].append((finding, run))
    ids: set[str] = set()
    runs = [run for _, run in present]
    proposed = []
    for alike, members in groups.items():
        entry = _entry(alike, members, ids, checked)
        proposed.append(Proposal(alike[0], entry, _advice(entry, members, runs)))
    return proposed


def _present(results: Results) -> list[tuple[Finding, Run]]:
    return [
        (finding, asked(finding, version))
        for finding in results.findings
        if (version := results.versions[finding.backend]) is not None
    ]


def _alike(run: Run) -> tuple[str, ...]:
    """Return what the findings of one entry have in common."""
    known = backends().get(run.backend)
    version = Version(run.version)
    return (
        known.framework if known else run.backend,
        run.recipe.kind,
        run.kind,
        str(run.scenario.selector),
        run.argument_form,
        f"=={version.major}.{version.minor}.*",
    )


def _entry(
    alike: tuple[str, ...], members: Sequence[tuple[Finding, Run]], ids: set[str], checked: str
) -> dict[str, Any]:
    framework, schedule, kind, scenario, argument_form, versions = alike
    witness, _ = min(members, key=lambda member: member[0].updates)
    steps = {run.first_step for _, run in members}
    first = next(iter(steps)) if len(steps) == 1 else None
    form = [] if argument_form == "explicit" else [argument_form]
    entry: dict[str, Any] = {
        "id": _id([framework, schedule, kind, scenario, *form], ids),
        "backends": list(dict.fromkeys(run.backend for _, run in members)),
        "versions": versions,
        "schedule": schedule,
    }
    if argument_form != "explicit":
        entry["argument_form"] = argument_form
    entry |= {"scenarios": [scenario], "kind": kind}
    if first is not None and first == int(first):  # the first step of an entry is a whole number
        entry["first_step"] = str(int(first))
    because = f"{_MARK}{witness.explanation or kind}"
    return entry | {
        "right": "specification",
        "because": because,
        "link": None,
        "checked": checked,
    }


def _id(parts: Sequence[str], ids: set[str]) -> str:
    """Return a new id of *parts*, and add it to *ids*."""
    text = "-".join(parts).lower().replace("+", "plus ")
    text = re.sub(r"(?<=\s)[-−](?=\d)", "minus ", text)
    stem = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    unique, number = stem, 1
    while unique in ids:
        number += 1
        unique = f"{stem}-{number}"
    ids.add(unique)
    return unique


def _advice(
    document: Mapping[str, Any], members: Sequence[tuple[Finding, Run]], runs: Sequence[Run]
) -> str:
    entry = entry_of(document)
    backends, kind = set(entry.backends), document["schedule"]
    candidates = [run for run in runs if run.backend in backends and run.recipe.kind == kind]
    others = sum(objection(run, [entry]) not in (None, _NEW) for run in candidates)
    head = f"{entry.id}: {_counted(len(members), 'finding')}"
    if not others:
        return head
    return (
        f"{head}; it also matches {_counted(others, 'run')} with another result: "
        "narrow it by `recipe` or `when`"
    )


#: The ledger's message for a run that no entry matches.
_NEW = "new: find out which side is right and write it into the ledger"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def outdated(results: Results, ledger: Sequence[Entry]) -> list[str]:
    """Return a line for each entry that some run no longer shows, or that no run matches."""
    present = _present(results)
    missing: dict[str, list[RunId]] = defaultdict(list)
    for finding, run in present:
        entry = gone(run, ledger)
        if entry is not None:
            missing[entry.id].append(finding.run)
    unmet = never_met([run for _, run in present], ledger)
    return [
        *(
            f"{name}: gone in {_counted(len(runs), 'run')}, first {runs[0]}; "
            "narrow it to where it still shows, or end its versions"
            for name, runs in missing.items()
            if name not in unmet
        ),
        *(
            f"{name}: never met; if this was the whole suite, remove it, or end its versions"
            for name in unmet
        ),
    ]


def append(folder: Path, proposed: Sequence[Proposal]) -> list[Path]:
    """Append *proposed* to the ledger in *folder*, all or none; return the changed files.

    The previous text of a file stays byte for byte. Raises `BadInput` for a duplicate id, and for a
    file that is not a ledger.
    """
    texts = {path: _text(path) for path in sorted(folder.glob("*.json"))}
    ids = {entry["id"]: path for path, text in texts.items() for entry in _entries(path, text)}
    by_path: dict[Path, list[Mapping[str, Any]]] = defaultdict(list)
    for proposal in proposed:
        name = proposal.entry["id"]
        if name in ids:
            raise BadInput("$.entries", f"the id {name}", "an unused id", str(ids[name]))
        ids[name] = folder / f"{proposal.framework}.json"
        by_path[ids[name]].append(proposal.entry)
    changed = {path: _appended(path, texts.get(path), new) for path, new in by_path.items()}
    written: list[Path] = []
    try:
        for path, text in changed.items():
            write(path, text)
            written.append(path)
    except BaseException:
        for path in written:
            write(path, texts[path]) if path in texts else path.unlink()
        raise
    return written


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _entries(path: Path, text: str) -> list[Any]:
    try:
        entries: list[Any] = json.loads(text)["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("$", "something else", "a ledger", str(path)) from error
    return entries


def _appended(path: Path, text: str | None, new: Sequence[Mapping[str, Any]]) -> str:
    """Return *text* of the ledger at *path* with the entries *new* at its end."""
    if text is None:
        text = '{\n  "$schema": "../../spec/schema/ledger.schema.json",\n  "entries": []\n}\n'
    old = _entries(path, text)
    ending = re.search(r"\s*\]\s*\}\s*\Z", text)
    head = text[: ending.start()] if ending else text
    items = [json.dumps(entry, indent=2, ensure_ascii=False) for entry in new]
    added = ",\n".join("    " + item.replace("\n", "\n    ") for item in items)
    appended = f"{head}{',' if old else ''}\n{added}\n  ]\n}}\n"
    try:
        document = json.loads(appended)
        if document != {**json.loads(text), "entries": [*old, *new]}:
            raise ValueError(appended)  # noqa: TRY301 - handled as invalid JSON is
    except ValueError as error:
        raise BadInput(
            "$", "something after the entries", "a ledger's entries last", str(path)
        ) from error
    return appended


def ledger_folder() -> Path:
    """Return the folder of the ledger's files."""
    return resources.root() / "conformance" / "ledger"
