"""The recorded traces of real runs, and the runs of the suite that they are of.

Each is read and planned when a test asks for it: a test of one backend waits for no other.
"""

from __future__ import annotations

from functools import cache

from lrspec import resources
from lrspec.bindings.backend import backend_of
from lrspec.runtime import records
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.suite.cases import cases
from lrspec.suite.plan import Run, plan

RECORDED = resources.root() / "tests" / "recorded"
VERSIONS = {
    name: entry["version"]
    for name, entry in resources.read_json(RECORDED / "versions.json").items()
}
BACKENDS = tuple(VERSIONS)


@cache
def observations(*backends: str) -> dict[RunId, Observation]:
    """Return what was observed in *backends*, by default in all, by the id of the run."""
    files = [RECORDED / f"{name}.jsonl" for name in backends or BACKENDS]
    return {run: observation for path in files for run, observation in records.read(path).items()}


@cache
def runs(*backends: str) -> list[Run]:
    """Return the recorded runs of *backends*, by default of all, as the suite plans them today."""
    recorded = observations(*backends)
    ids = {run.case for run in recorded}
    names = backends or BACKENDS
    planned = plan([case for case in cases() if case.id in ids], [*map(backend_of, names)])
    return [run for run in planned if run.id in recorded]
