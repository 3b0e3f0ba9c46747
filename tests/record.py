"""Keep short traces of the last conformance run: nox -s record.

Those of the cases that were written by hand or published, and one a schedule and scenario of the
others, which the suite itself has in full.
"""

from __future__ import annotations

import json
from pathlib import Path

from lrspec.bindings.backend import backends
from lrspec.runtime import records
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan
from lrspec.verdict import results

LONGEST = 60
REPORTS = Path("reports")
RECORDED = Path("tests/recorded")


def main() -> None:
    """Copy every trace of at most `LONGEST` updates, and the versions that made them."""
    RECORDED.mkdir(parents=True, exist_ok=True)
    every = list(backends().values())
    written = [case for case in cases() if not case.generated]
    kept = {run.id for run in [*plan(written, every), *plan(cases(), every, quick=True)]}
    versions = results.read(REPORTS / "results.json").versions
    document = {name: {"version": version} for name, version in versions.items()}
    (RECORDED / "versions.json").write_text(json.dumps(document, indent=1) + "\n")
    for path in sorted((REPORTS / "traces").glob("*.jsonl")):
        short = (
            (run, observation)
            for run, observation in records.read(path).items()
            if run in kept and len(observation.rates) <= LONGEST
        )
        (RECORDED / path.name).write_text(records.lines(short), encoding="utf-8")


if __name__ == "__main__":
    main()
