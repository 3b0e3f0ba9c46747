"""Time the reference engine against a NumPy expression: warmup and cosine, ten million steps.

    python benchmarks/engine.py

Prints the ratio of the two times, measured alternately, and the engine's peak memory in addition to
its result.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import lrspec

STEPS, WARMUP, PEAK, MINIMUM = 10_000_000, 5_000, 0.5, 0.001
DECAY = STEPS - WARMUP
ROUNDS = 7
AT_MOST = 0.8

schedule = lrspec.load(
    {
        "schedule": "linear_warmup",
        "base_lr": PEAK,
        "warmup_steps": WARMUP,
        "after": {"schedule": "cosine_annealing", "T_max": DECAY, "eta_min": MINIMUM},
    }
)


def plain() -> Any:
    """Return the rates by one `np.where`, which computes both branches for every step."""
    t = np.arange(STEPS)
    return np.where(
        t < WARMUP,
        PEAK * t / WARMUP,
        MINIMUM + (PEAK - MINIMUM) * (1 + np.cos(np.pi * (t - WARMUP) / DECAY)) / 2,
    )


def seconds(call: Callable[[], Any]) -> float:
    """Return the duration of *call* in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Time both alternately and print the median ratio."""
    worst = np.abs(schedule.trace(STEPS)[:, 0] - plain()).max()
    ratios = [seconds(lambda: schedule.trace(STEPS)) / seconds(plain) for _ in range(ROUNDS)]
    tracemalloc.start()
    schedule.trace(STEPS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"engine / plain NumPy over {STEPS:,} steps: {statistics.median(ratios):.2f}", end=" ")
    print(f"({ROUNDS} rounds: {min(ratios):.2f} to {max(ratios):.2f}; budget {AT_MOST})")
    print(f"largest difference: {worst:.2g}")
    print(f"memory in addition to the result: {(peak - 8 * STEPS) / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
