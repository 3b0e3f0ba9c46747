"""How many mutants of the specification there are, and which check turns red first on each.

    python benchmarks/mutants.py [KIND ...]

A check counts where it is the first one: the check nearest to the changed formula is asked before
the others, and these in the order of the columns.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("spec/checks", "conformance", "tests")]

from mutants import mutants  # noqa: E402 - the tests are found once the path is set
from trial import CHECKS, verdict  # noqa: E402

from lrspec.spec.schedule import schedules  # noqa: E402

COLUMNS = ("mutants", "reading", *CHECKS, "equivalent")


def counted(kind: str) -> Counter[str]:
    """Return how many mutants of one schedule each check is the first to turn red on."""
    verdicts = [verdict(mutant) for mutant in mutants(schedules()[kind].document)]
    found = Counter(name or "equivalent" for name in verdicts)
    found["mutants"] = len(verdicts)
    return found


def line(name: str, counts: Counter[str]) -> str:
    """Return one line of the table."""
    return "  ".join([f"{name:21}", *(f"{counts[c]:{len(c)}}" for c in COLUMNS)])


def main() -> None:
    """Print a line a schedule, and the sum."""
    start, total = time.process_time(), Counter[str]()
    print("  ".join([f"{'schedule':21}", *COLUMNS]))
    for kind in sys.argv[1:] or schedules():
        counts = counted(kind)
        total += counts
        print(line(kind, counts), flush=True)
    print(line("all", total))
    print(f"{time.process_time() - start:.0f} seconds of one core")


if __name__ == "__main__":
    main()
