"""Parts of the suite for several machines: every n-th run, merged to the files of one run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lrspec.errors import BadInput
from lrspec.runtime import records
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.suite.findings import write_run
from lrspec.verdict.results import Finding, Results, read

_T = TypeVar("_T")


@dataclass(frozen=True)
class Shard:
    """The runs `index`, `index` + `count`, `index` + 2 · `count`, … of a plan, counted from 1."""

    index: int
    count: int

    @staticmethod
    def parse(text: str, place: str) -> Shard:
        """Return the shard *text*, such as `2/4`; raises `BadInput` with *place*."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
        if found is None or int(found[1]) > int(found[2]):
            raise BadInput(place, text, "I/N, part I of N, such as 2/4")
        return Shard(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def of(self, runs: Sequence[_T]) -> Sequence[_T]:
        """Return those of *runs* that belong to the shard."""
        return runs[self.index - 1 :: self.count]


def merge(folders: Sequence[Path], output: Path) -> Results:
    """Write the files that one run of all shards writes into *output*, and return its results.

    Raises `BadInput` unless *folders* have all shards of one suite, in any order, each with its
    traces, run with the same versions.
    """
    parts = _ordered({folder: read(folder / "results.json") for folder in folders})
    observed: dict[RunId, Observation] = {}
    for folder, part in parts.items():
        records.check_run(folder, part.run)
        for name in part.versions:
            observed |= records.read(folder / "traces" / f"{name}.jsonl")
    findings = list(_in_turn([part.findings for part in parts.values()]))
    versions = _versions(parts, findings)
    recorded = [(f.run, observed[f.run]) for f in findings if f.status != "unsupported"]
    merged = Results(versions, findings, records.digest(versions, recorded))
    write_run(output, merged, recorded)
    return merged


def _ordered(parts: Mapping[Path, Results]) -> dict[Path, Results]:
    """Return *parts* in the order of their shards."""
    shards = {
        folder: Shard.parse(part.shard, f"{folder}: $.shard") for folder, part in parts.items()
    }
    count = next(iter(shards.values())).count
    expected = {Shard(index, count) for index in range(1, count + 1)}
    if set(shards.values()) != expected or len(shards) != count:
        given = ", ".join(sorted(map(str, shards.values())))
        raise BadInput("SHARD", given, f"each of the {count} shards once")
    return {folder: parts[folder] for folder in sorted(shards, key=lambda f: shards[f].index)}


def _in_turn(parts: Sequence[Sequence[Finding]]) -> Iterator[Finding]:
    """Yield the findings of all *parts* in the order of the plan."""
    total = sum(map(len, parts))
    for index in range(total):
        part, row = parts[index % len(parts)], index // len(parts)
        if row >= len(part):
            raise BadInput(
                "SHARD", f"{len(part)} runs", f"as many as the other shards, of {total} in all"
            )
        yield part[row]


def _versions(parts: Mapping[Path, Results], findings: Sequence[Finding]) -> dict[str, str | None]:
    """Return the version of each backend, in the order of the findings."""
    versions: dict[str, str | None] = {}
    for folder, part in parts.items():
        for name, version in part.versions.items():
            if versions.setdefault(name, version) != version:
                expected = f"{versions[name] or 'none'}, as in the other shards"
                raise BadInput(f"$.backends.{name}", version or "none", expected, str(folder))
    return {name: versions[name] for name in dict.fromkeys(f.backend for f in findings)}
