"""Keep the short traces of the last conformance run: nox -s record."""

from __future__ import annotations

import json
from pathlib import Path

LONGEST = 60
REPORTS = Path("reports")
RECORDED = Path("tests/recorded")


def main() -> None:
    """Copy every trace of at most `LONGEST` updates, and the versions that made them."""
    RECORDED.mkdir(parents=True, exist_ok=True)
    document = json.loads((REPORTS / "results.json").read_text(encoding="utf-8"))
    (RECORDED / "versions.json").write_text(json.dumps(document["backends"], indent=1) + "\n")
    for path in sorted((REPORTS / "traces").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (RECORDED / path.name).write_text("".join(line for line in lines if short(line)))


def short(line: str) -> bool:
    """Tell whether a recorded line has at most `LONGEST` updates."""
    record = json.loads(line)
    rows = record.get("reported") or record.get("applied") or []
    return len(rows) <= LONGEST


if __name__ == "__main__":
    main()
