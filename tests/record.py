"""Keep short traces of the last conformance run: nox -s record.

Those of the cases that were written by hand or published, and one a schedule and scenario of the
others, which the suite itself has in full.
"""

from __future__ import annotations

import json
from pathlib import Path

from lrspec.bindings.backend import backends
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan

LONGEST = 60
REPORTS = Path("reports")
RECORDED = Path("tests/recorded")


def main() -> None:
    """Copy every trace of at most `LONGEST` updates, and the versions that made them."""
    RECORDED.mkdir(parents=True, exist_ok=True)
    every = list(backends().values())
    written = [case for case in cases() if not case.generated]
    kept = {run.id for run in [*plan(written, every), *plan(cases(), every, quick=True)]}
    document = json.loads((REPORTS / "results.json").read_text(encoding="utf-8"))
    (RECORDED / "versions.json").write_text(json.dumps(document["backends"], indent=1) + "\n")
    for path in sorted((REPORTS / "traces").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (RECORDED / path.name).write_text("".join(line for line in lines if wanted(line, kept)))


def wanted(line: str, kept: set[str]) -> bool:
    """Tell whether a recorded line is of a run that is kept and has at most `LONGEST` rates."""
    record = json.loads(line)
    rows = record.get("reported") or record.get("applied") or []
    return record["run"] in kept and len(rows) <= LONGEST


if __name__ == "__main__":
    main()
