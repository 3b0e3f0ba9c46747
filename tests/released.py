"""The recorded traces of a framework's releases, and the runs of the suite that they are of."""

from __future__ import annotations

import lzma
from functools import cache

import msgspec

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.records import Record
from lrspec.runtime.run_id import RunId
from lrspec.suite.cases import cases
from lrspec.suite.plan import Run, plan

RECORDED = resources.root() / "tests" / "recorded_releases"


@cache
def observations(framework: str) -> dict[str, dict[RunId, Observation]]:
    """Return what was observed in each release of *framework*, by the id of the run."""
    text = lzma.decompress((RECORDED / f"{framework}.jsonl.xz").read_bytes())
    found: dict[str, dict[RunId, Observation]] = {}
    for line in text.splitlines():
        entry = msgspec.json.decode(line)
        versions = entry.pop("versions")
        record = msgspec.convert(entry, Record)
        observation = from_answer(record)
        for version in versions:
            found.setdefault(version, {})[record.run] = observation
    return found


@cache
def runs(framework: str) -> dict[RunId, Run]:
    """Return the recorded runs of *framework*, as the suite plans them today."""
    ids = {run for of_release in observations(framework).values() for run in of_release}
    modes = [mode for mode in backends().values() if mode.framework == framework]
    names = {run.case for run in ids}
    planned = plan([case for case in cases() if case.id in names], modes)
    return {run.id: run for run in planned if run.id in ids}
