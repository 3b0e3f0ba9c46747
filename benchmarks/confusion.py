"""How well the suite names what it finds: the confusion matrix of kinds.

    python benchmarks/confusion.py [RECIPES]

Every kind of divergence has fakes that show it and nothing else (`conformance/flaws/table.py`),
each driven through 200 recipes. A row is what a fake shows, by the toy framework's own traces; a
column is what the suite calls it. Exits with 1 where fewer than 99 % are named rightly, with their
first step and extent, be it in one row alone.
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
    """Print the matrix and what lies beside its diagonal."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECIPES
    with tempfile.TemporaryDirectory() as folder:
        found = answers(FLAWS, count, Path(folder))
    rows: dict[str, list[Answer]] = defaultdict(list)
    for answer in found:
        rows[answer.right.kind].append(answer)
    said = dict.fromkeys([*rows, *(answer.said.kind for answer in found)])
    columns = {kind: number for number, kind in enumerate(said, 1)}
    width = max(map(len, columns)) + 4
    print(" " * width + "".join(f"{n:>5}" for n in columns.values()) + "   all three")
    for kind, its in rows.items():
        named = Counter(answer.said.kind for answer in its)
        cells = "".join(f"{named[other] or '·':>5}" for other in columns)
        print(f"{columns[kind]:>2} {kind:<{width - 3}}{cells}   {share(its):9.2%}")
    for kind in columns.keys() - rows.keys():
        print(f"{columns[kind]:>2} {kind} (of no fake)")
    for answer in found:
        if answer.right != answer.said:
            print(f"{answer.run.case.id}: {answer.right} is called {answer.said}")
    kinds = sum(answer.right.kind == answer.said.kind for answer in found) / len(found)
    fakes = len({flaw.fake for flaw in FLAWS})
    print(
        f"{len(found):,} runs of {fakes} fakes and {len(rows)} kinds: on the diagonal {kinds:.2%}, "
        f"with first step and extent {share(found):.2%} (at least {AT_LEAST:.0%})"
    )
    if min(share(found), *map(share, rows.values())) < AT_LEAST:
        sys.exit(1)


if __name__ == "__main__":
    main()
