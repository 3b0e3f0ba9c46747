"""Print the confusion matrix of the kinds of divergence that the suite reports.

    python benchmarks/confusion.py [RECIPES]

Every kind of divergence has fake backends that show only this kind (`conformance/flaws/table.py`).
Each fake runs RECIPES generated recipes (default 200). A row is the kind that a fake shows; a
column is the kind that the suite reports. Exits with 1 if, overall or in any row, fewer than 99 %
of the runs are reported with the right kind, first step and extent.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from lrspec import resources

sys.path.insert(0, str(resources.root() / "conformance"))

from flaws.matrix import Answer, answers, share
from flaws.table import FLAWS

RECIPES = 200
AT_LEAST = 0.99


def main() -> None:
    """Print the matrix and every run that is off its diagonal."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECIPES
    with tempfile.TemporaryDirectory() as folder:
        results = answers(FLAWS, count, Path(folder))
    rows: dict[str, list[Answer]] = defaultdict(list)
    for answer in results:
        rows[answer.right.kind].append(answer)
    kinds = dict.fromkeys([*rows, *(answer.said.kind for answer in results)])
    columns = {kind: number for number, kind in enumerate(kinds, 1)}
    width = max(map(len, columns)) + 4
    print(" " * width + "".join(f"{n:>5}" for n in columns.values()) + "   all three")
    for kind, row in rows.items():
        reported = Counter(answer.said.kind for answer in row)
        cells = "".join(f"{reported[other] or '·':>5}" for other in columns)
        print(f"{columns[kind]:>2} {kind:<{width - 3}}{cells}   {share(row):9.2%}")
    for kind in columns.keys() - rows.keys():
        print(f"{columns[kind]:>2} {kind} (no fake shows this kind)")
    for answer in results:
        if answer.right != answer.said:
            print(f"{answer.run.case.id}: {answer.right} is reported as {answer.said}")
    diagonal = sum(answer.right.kind == answer.said.kind for answer in results) / len(results)
    fakes = len({flaw.fake for flaw in FLAWS})
    print(
        f"{len(results):,} runs, {fakes} fakes, {len(rows)} kinds: right kind {diagonal:.2%}, "
        f"with first step and extent {share(results):.2%} (at least {AT_LEAST:.0%})"
    )
    if min(share(results), *map(share, rows.values())) < AT_LEAST:
        sys.exit(1)


if __name__ == "__main__":
    main()
