"""The recorded traces of real runs, and the runs of the suite that they are of."""

from __future__ import annotations

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.runtime import records
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan

RECORDED = resources.root() / "tests" / "recorded"
VERSIONS = {
    name: e["version"] for name, e in resources.read_json(RECORDED / "versions.json").items()
}


SEEN = {
    run: seen
    for path in sorted(RECORDED.glob("*.jsonl"))
    for run, seen in records.read(path).items()
}
RUNS = [run for run in plan(cases(), list(backends().values())) if run.id in SEEN]
