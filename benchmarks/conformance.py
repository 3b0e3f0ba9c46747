"""The whole suite, its backends side by side, against the same one after another.

    python benchmarks/conformance.py

Prints the ratio of the two times, and the judging's share of the first.
"""

from __future__ import annotations

import time

from lrspec.bindings.backend import backends
from lrspec.suite.cases import cases
from lrspec.suite.findings import results_of
from lrspec.suite.plan import plan
from lrspec.suite.run import observe

BUDGET = 90


def main() -> None:
    """Time the suite twice and print what it took."""
    start = time.perf_counter()
    runs = plan(cases(), list(backends().values()))
    seen = observe(runs)
    observed = time.perf_counter()
    results_of(runs, seen)
    together = time.perf_counter() - start
    judging = time.perf_counter() - observed
    apart = 0.0
    for name in backends():
        begin = time.perf_counter()
        observe([run for run in runs if run.backend.name == name])
        alone = time.perf_counter() - begin
        apart += alone
        print(f"{name} alone: {alone / together:.2f} of all side by side")
    asked = sum(run.emitted is not None for run in runs)
    updates = sum(len(run.scenario.t) for run in runs if run.emitted is not None)
    print(f"{asked} runs, {updates:,} updates, side by side: {together:.1f} s (budget {BUDGET} s)")
    print(f"side by side / one after another: {together / apart:.2f}")
    print(f"judging / all: {judging / together:.2f}")


if __name__ == "__main__":
    main()
