"""Count the mutants of the specification, and the check that detects each of them first.

    python benchmarks/mutants.py [KIND ...]

A mutant is counted only for the first check that detects it. The check closest to the changed
formula runs first, then the others in the order of the columns.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("spec/checks", "conformance", "tests")]

from mutants import mutants  # noqa: E402 - needs the path above
from trial import CHECKS, verdict  # noqa: E402

from lrspec.spec.schedule import schedules  # noqa: E402

COLUMNS = ("mutants", "reading", *CHECKS, "equivalent")


def count(kind: str) -> Counter[str]:
    """Return the number of mutants of one schedule that each check detects first."""
    verdicts = [verdict(mutant) for mutant in mutants(schedules()[kind].document)]
    counts = Counter(name or "equivalent" for name in verdicts)
    counts["mutants"] = len(verdicts)
    return counts


def line(name: str, counts: Counter[str]) -> str:
    """Return one line of the table."""
    return "  ".join([f"{name:21}", *(f"{counts[c]:{len(c)}}" for c in COLUMNS)])


def main() -> None:
    """Print one line per schedule, and the total."""
    start, total = time.process_time(), Counter[str]()
    print("  ".join([f"{'schedule':21}", *COLUMNS]))
    for kind in sys.argv[1:] or schedules():
        counts = count(kind)
        total += counts
        print(line(kind, counts), flush=True)
    print(line("total", total))
    print(f"{time.process_time() - start:.0f} s of CPU time")


if __name__ == "__main__":
    main()
